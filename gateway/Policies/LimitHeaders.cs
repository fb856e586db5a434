using System.Globalization;

namespace Gateway.Policies;

/// <summary>The six headers that say how a caller's bounds stand: of each kind the tightest.</summary>
internal static class LimitHeaders
{
    /// <summary>What their names begin with.</summary>
    public const string Prefix = "x-ratelimit-";

    /// <summary>Shown for a kind that is not bounded where the other one is: clients expect all six, as numbers.</summary>
    private const int Unbounded = int.MaxValue;

    public static void Write(IHeaderDictionary to, in Decision decision)
    {
        var requests = decision.Requests ?? Places(decision.Refusal);
        if (requests is null && decision.Tokens is null) return;
        var calls = requests ?? new Standing(Unbounded, Unbounded, TimeSpan.Zero);
        var tokens = decision.Tokens ?? new Standing(Unbounded, Unbounded, TimeSpan.Zero);
        to["x-ratelimit-limit-requests"] = Text(calls.Limit);
        to["x-ratelimit-limit-tokens"] = Text(tokens.Limit);
        to["x-ratelimit-remaining-requests"] = Text(calls.Remaining);
        to["x-ratelimit-remaining-tokens"] = Text(tokens.Remaining);
        to["x-ratelimit-reset-requests"] = GoDuration.Text(calls.Reset);
        to["x-ratelimit-reset-tokens"] = GoDuration.Text(tokens.Reset);
    }

    // Who is refused a place, and has no other bound on calls, sees that one.
    private static Standing? Places(Refusal? refusal) => refusal is { Bound: Bound.Concurrent } ? new Standing(refusal.Limit, 0, refusal.Wait) : null;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
