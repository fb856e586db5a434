namespace Gateway.Usage;

/// <summary>What one call used: a row of the table. Times are in milliseconds, yes and no are 1 and 0, money is in <see cref="Policies.Money"/>'s units. Those of <see cref="UsageJournal"/> are used again.</summary>
internal sealed record UsageRow
{
    /// <summary>The call's own, which sorts by time.</summary>
    public required string Id { get; set; }

    /// <summary>When it came, since 1970.</summary>
    public long Began { get; set; }

    public required string KeyId { get; set; }

    public required string KeyName { get; set; }

    public string? Team { get; set; }

    /// <summary>As it was asked for, by its published name.</summary>
    public required string Model { get; set; }

    /// <summary>Which one answered: a fallback may have.</summary>
    public required string AnsweredModel { get; set; }

    /// <summary>Who answered, or was asked last; null where nobody was.</summary>
    public string? Upstream { get; set; }

    public required string Operation { get; set; }

    public long Stream { get; set; }

    /// <summary>One of <see cref="UsageOutcomes"/>.</summary>
    public required string Outcome { get; set; }

    public long Status { get; set; }

    public long PromptTokens { get; set; }

    /// <summary>Of those, the ones that were in a cache.</summary>
    public long CachedTokens { get; set; }

    public long CompletionTokens { get; set; }

    /// <summary>Of those, the ones of thoughts.</summary>
    public long ReasoningTokens { get; set; }

    /// <summary>Whether the upstream did not count.</summary>
    public long Estimated { get; set; }

    public long Cost { get; set; }

    public long Attempts { get; set; }

    public long? FirstTokenMs { get; set; }

    public long DurationMs { get; set; }

    public required string RequestId { get; set; }

    /// <summary>The process in which it runs; null once it is over.</summary>
    public string? Owner { get; set; }

    /// <summary>One of <see cref="UsageStages"/>.</summary>
    public long Stage { get; set; }
}

/// <summary>How final a row is: a later stage is never overwritten by an earlier one, whatever order they are written in.</summary>
internal static class UsageStages
{
    public const long Running = 0;

    /// <summary>Its process is gone, or seemed to be.</summary>
    public const long Interrupted = 1;

    public const long Over = 2;
}
