namespace Gateway.Keys.Stored;

/// <summary>A key in the database: everything but the key. A deleted one stays as a name for what it used.</summary>
internal sealed class StoredKey
{
    /// <summary>Sorts by the time of making.</summary>
    public required string Id { get; init; }

    public required string Name { get; set; }

    public string? Team { get; set; }

    /// <summary>How the newest secret begins.</summary>
    public required string Prefix { get; set; }

    /// <summary>Names, with spaces between.</summary>
    public required string Scopes { get; set; }

    /// <summary>Names and patterns, a line each.</summary>
    public required string Models { get; set; }

    /// <summary>JSON of the limits that there are.</summary>
    public required string Limits { get; set; }

    public bool Disabled { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long Created { get; init; }

    /// <summary>Unix milliseconds; null for never.</summary>
    public long? Expires { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long? Deleted { get; set; }

    /// <summary>The number of its last change.</summary>
    public long Changed { get; set; }
}
