using Gateway.Errors;

namespace Gateway.Forwarding;

/// <summary>Where an attempt stands once it is clear whether it can answer the call.</summary>
internal enum Verdict
{
    /// <summary>It can: a plain answer is whole, or a stream has its first data event.</summary>
    Answers,

    /// <summary>The request was refused, and would be again.</summary>
    Refused,

    /// <summary>Another target, or the same one later, may answer.</summary>
    Transient,

    /// <summary>There is nobody to answer any more.</summary>
    Abandoned,
}

/// <summary>The verdict, and what follows from it.</summary>
/// <param name="Verdict">May it be tried again?</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Problem">What the client is told if it stays so.</param>
internal sealed record AttemptResult(Verdict Verdict, string Reason, Problem? Problem = null)
{
    /// <summary>What the upstream answered; 0 where it did not.</summary>
    public int Status { get; init; }

    /// <summary>The attempt that goes on.</summary>
    public Attempt? Attempt { get; init; }

    /// <summary>How long the target asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same target may be asked again by this call.</summary>
    public bool SameAgain { get; init; } = true;

    /// <summary>Which fallback this refusal calls for: <c>context</c> or <c>content</c>.</summary>
    public string? FallsBackOn { get; init; }

    /// <summary>Whether it is the option that asks for usage which the upstream does not know.</summary>
    public bool RefusesUsage { get; init; }
}
