namespace Gateway.Usage;

/// <summary>What one call used: a row of the table. Times are in milliseconds, yes and no are 1 and 0, money is in <see cref="Policies.Money"/>'s units.</summary>
internal sealed record UsageRow
{
    /// <summary>The call's own, which sorts by time.</summary>
    public required string Id { get; init; }

    /// <summary>When it came, since 1970.</summary>
    public long Began { get; init; }

    public required string KeyId { get; init; }

    public required string KeyName { get; init; }

    public string? Team { get; init; }

    /// <summary>As it was asked for, by its published name.</summary>
    public required string Model { get; init; }

    /// <summary>Which one answered: a fallback may have.</summary>
    public required string AnsweredModel { get; init; }

    /// <summary>Who answered, or was asked last; null where nobody was.</summary>
    public string? Upstream { get; init; }

    public required string Operation { get; init; }

    public long Stream { get; init; }

    /// <summary>One of <see cref="UsageOutcomes"/>.</summary>
    public required string Outcome { get; init; }

    public long Status { get; init; }

    public long PromptTokens { get; init; }

    /// <summary>Of those, the ones that were in a cache.</summary>
    public long CachedTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>Of those, the ones of thoughts.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>Whether the upstream did not count.</summary>
    public long Estimated { get; init; }

    public long Cost { get; init; }

    public long Attempts { get; init; }

    public long? FirstTokenMs { get; init; }

    public long DurationMs { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The process in which it runs; null once it is over.</summary>
    public string? Owner { get; init; }

    /// <summary>One of <see cref="UsageStages"/>.</summary>
    public long Stage { get; init; }
}

/// <summary>How final a row is: a later stage is never overwritten by an earlier one, whatever order they are written in.</summary>
internal static class UsageStages
{
    public const long Running = 0;

    /// <summary>Its process is gone, or seemed to be.</summary>
    public const long Interrupted = 1;

    public const long Over = 2;
}
