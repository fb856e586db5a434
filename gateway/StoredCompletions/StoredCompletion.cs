namespace Gateway.StoredCompletions;

/// <summary>A chat completion that is kept. Both texts are JSON as it came, every digit of it.</summary>
internal sealed class StoredCompletion
{
    /// <summary>Counts up; never used twice.</summary>
    public long Number { get; init; }

    /// <summary>As the client saw it.</summary>
    public required string Id { get; init; }

    /// <summary>The id of the key whose it is; nobody else sees it.</summary>
    public required string Owner { get; init; }

    /// <summary>The published name that was asked for.</summary>
    public required string Model { get; init; }

    /// <summary>The name in the answer, which a hosted service may resolve further.</summary>
    public required string AnsweredModel { get; init; }

    /// <summary>Unix seconds, by the answer; what lists are sorted by.</summary>
    public required long Created { get; init; }

    /// <summary>Unix seconds, by the gateway's own clock; what retention goes by.</summary>
    public required long StoredAt { get; init; }

    /// <summary>
    /// Unix seconds. The content is gone at once; the row holds its place for a while, so that a caller who deletes while it pages
    /// through a list can go on after what it deleted.
    /// </summary>
    public long? DeletedAt { get; init; }

    /// <summary>The answer and what was asked, without metadata.</summary>
    public required string Answer { get; init; }

    /// <summary>The request's messages.</summary>
    public required string Messages { get; init; }

    public List<StoredMetadata> Metadata { get; init; } = [];
}
