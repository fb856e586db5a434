namespace Gateway.Admin.Audit;

/// <summary>One change, who made it and from where. Written in the change's own transaction: there is none without the other.</summary>
internal sealed class AuditEntry
{
    /// <summary>Counts up.</summary>
    public long Number { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long At { get; init; }

    /// <summary>The caller's id; <c>cli:USER</c> for the command line.</summary>
    public required string Who { get; init; }

    /// <summary>Such as <c>key.create</c>.</summary>
    public required string What { get; init; }

    /// <summary>The id of what was changed.</summary>
    public required string Target { get; init; }

    public string? Address { get; init; }

    public string? RequestId { get; init; }

    /// <summary>JSON of what it was, without secrets; null where it was not there.</summary>
    public string? Before { get; init; }

    /// <summary>JSON of what it became, without secrets; null where it is gone.</summary>
    public string? After { get; init; }
}
