namespace Gateway.Policies;

/// <summary>What became of an <see cref="Ask"/>.</summary>
internal enum Outcome
{
    Admitted,

    /// <summary>Counted, but without a place among those that run.</summary>
    Waits,

    Refused,

    /// <summary>What was spent before is not known yet.</summary>
    Unseeded,

    /// <summary>Nobody can tell, and then nobody may.</summary>
    Unavailable,
}

/// <summary>The answer to an <see cref="Ask"/>.</summary>
internal readonly record struct Decision(Outcome Outcome)
{
    /// <summary>What was taken, to be settled; null where nothing was.</summary>
    public Hold? Hold { get; init; }

    /// <summary>Why not.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>How the tightest of the bounds on calls stands now.</summary>
    public Standing? Requests { get; init; }

    /// <summary>How the tightest of the bounds on tokens stands now.</summary>
    public Standing? Tokens { get; init; }
}

/// <summary>The bound that was met. Money is in units.</summary>
internal sealed record Refusal(Bound Bound, Owner Owner, long Limit, long Used, long Requested, TimeSpan Wait);

/// <summary>A bound as its headers show it.</summary>
/// <param name="Limit">How many there may be.</param>
/// <param name="Remaining">Of those, how many are left.</param>
/// <param name="Reset">Until all are there again.</param>
internal readonly record struct Standing(long Limit, long Remaining, TimeSpan Reset)
{
    /// <summary>The one that is nearer to its end.</summary>
    public static Standing? Tighter(Standing? a, Standing? b) => a is null || b?.Remaining < a.Value.Remaining ? b ?? a : a;
}
