namespace Gateway.Keys.Stored;

/// <summary>What opens a key. After a rotation there are two for a while.</summary>
internal sealed class StoredSecret
{
    /// <summary>Of the secret, which is kept nowhere.</summary>
    public required string Hash { get; init; }

    public required string KeyId { get; init; }

    /// <summary>Unix milliseconds; null as long as its key goes.</summary>
    public long? Expires { get; set; }
}
