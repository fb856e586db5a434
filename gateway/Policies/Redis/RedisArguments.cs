using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>What scripts are told; the scripts say in which order.</summary>
internal static class RedisArguments
{
    public static RedisValue[] Decide(Ask ask, bool takePlace, TimeSpan lease)
    {
        var to = new RedisValue[ask.Team is null ? 14 : 21];
        to[0] = ask.Team is null ? 1 : 2;
        to[1] = takePlace ? 1 : 0;
        to[2] = ask.MayWait ? 1 : 0;
        to[3] = ask.Call.ToString("N");
        to[4] = (long)lease.TotalMilliseconds;
        to[5] = ask.Tokens;
        to[6] = ask.Cost;
        Write(to.AsSpan(7, 7), ask.Key.Limits);
        if (ask.Team is { } team) Write(to.AsSpan(14), team.Limits);
        return to;
    }

    /// <param name="hold">What was taken.</param>
    /// <param name="requests">0, or -1 for a call that was not made.</param>
    /// <param name="tokens">More than was reserved, or fewer.</param>
    /// <param name="cost">All of it.</param>
    /// <param name="ended">When.</param>
    public static RedisValue[] Settle(RedisHold hold, int requests, long tokens, long cost, DateTimeOffset ended) =>
        [hold.Ask.Team is null ? 1 : 2, hold.Ask.Call.ToString("N"), requests, tokens, cost - hold.Ask.Cost, cost, Microseconds(ended), .. hold.Counted.Select(static number => (RedisValue)number)];

    /// <summary>Nothing but the place.</summary>
    public static RedisValue[] Leave(RedisHold hold) => Only(hold.Ask, 0, 0, default);

    /// <summary>Nothing but money, in whichever count there is.</summary>
    public static RedisValue[] Spent(Ask ask, long cost, DateTimeOffset ended) => Only(ask, cost, -1, ended);

    private static RedisValue[] Only(Ask ask, long cost, long epoch, DateTimeOffset ended)
    {
        RedisValue[] owner = [-1, -1, epoch, epoch];
        return [ask.Team is null ? 1 : 2, ask.Call.ToString("N"), 0, 0, cost, cost, Microseconds(ended), .. owner, .. ask.Team is null ? [] : owner];
    }

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static void Write(Span<RedisValue> to, CallerLimits limits)
    {
        to[0] = limits.RequestsPerMinute ?? -1;
        to[1] = limits.TokensPerMinute ?? -1;
        to[2] = limits.RequestsPerDay ?? -1;
        to[3] = limits.TokensPerDay ?? -1;
        to[4] = limits.MaxConcurrent ?? -1;
        to[5] = limits.BudgetPerDay is { } day ? Money.Units(day) : -1;
        to[6] = limits.BudgetPerMonth is { } month ? Money.Units(month) : -1;
    }
}
