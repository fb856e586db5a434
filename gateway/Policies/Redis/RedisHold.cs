using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>What a call has taken of bounds that are counted in Redis.</summary>
/// <param name="limits">Who counts.</param>
/// <param name="ask">What was asked for.</param>
/// <param name="keys">Where it is counted.</param>
/// <param name="counted">When, and in which counts of money: four numbers for each owner.</param>
internal sealed class RedisHold(RedisLimits limits, Ask ask, RedisKey[] keys, long[] counted) : Hold(ask)
{
    private int settled;

    public RedisKey[] Keys => keys;

    public long[] Counted => counted;

    public bool IsSettled => Volatile.Read(ref settled) != 0;

    /// <summary>Where it is among those that run.</summary>
    public IEnumerable<RedisKey> Places
    {
        get
        {
            if (Ask.Key.Limits.MaxConcurrent is not null) yield return keys[3];
            if (Ask.Team?.Limits.MaxConcurrent is not null) yield return keys[7];
        }
    }

    /// <summary>Counts of money in which something is reserved for it, and which they were.</summary>
    public IEnumerable<(RedisKey Money, long Epoch)> Reservations
    {
        get
        {
            if (Ask.Cost == 0) yield break;
            for (var owner = 0; owner < keys.Length / 4; owner++)
                for (var period = 0; period < 2; period++)
                    if (counted[(owner * 4) + 2 + period] is not 0 and var epoch) yield return (keys[(owner * 4) + 1 + period], epoch);
        }
    }

    public bool TrySettle() => Interlocked.Exchange(ref settled, 1) == 0;

    public override ValueTask<Place> TakePlaceAsync() => limits.TakePlaceAsync(this);

    public override void Settle(long tokens, long cost) => limits.End(this, 0, tokens - Ask.Tokens, cost);

    public override void GiveBack() => limits.End(this, -1, -Ask.Tokens, 0);
}
