using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>Names of what is counted. All are of one slot, because one script takes a key's and its team's at once.</summary>
internal static class RedisKeys
{
    private const string Prefix = "{gateway}:limits:";

    /// <summary>Of the key, then of the team: windows, money of day and month, who runs.</summary>
    public static RedisKey[] Of(Ask ask)
    {
        var keys = new RedisKey[ask.Team is null ? 4 : 8];
        Write(keys.AsSpan(0, 4), ask.Key, ask.Periods);
        if (ask.Team is { } team) Write(keys.AsSpan(4), team, ask.Periods);
        return keys;
    }

    public static RedisKey Money(Owner owner, Period period) => $"{Of(owner)}:money:{period.Name}";

    private static void Write(Span<RedisKey> to, Owner owner, Periods? periods)
    {
        var name = Of(owner);
        to[0] = name;
        to[1] = periods is null ? name : Money(owner, periods.Day);
        to[2] = periods is null ? name : Money(owner, periods.Month);
        to[3] = name + ":running";
    }

    private static string Of(Owner owner) => string.Concat(Prefix, owner.IsTeam ? "team:" : "key:", owner.Id);
}
