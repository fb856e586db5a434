namespace Gateway.StoredCompletions;

/// <summary>One pair of a completion's metadata: a row of its own, so that lists can ask for it.</summary>
internal sealed class StoredMetadata
{
    public long Number { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }
}
