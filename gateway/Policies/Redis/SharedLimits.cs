using Gateway.Configuration;

namespace Gateway.Policies.Redis;

/// <summary>
/// Redis, and what happens without it: <c>open</c>, where each gateway counts by itself until it is back, or <c>closed</c>, where none lets a
/// bounded call through. Each time without it begins with no count, and with what was spent read anew. Thread-safe.
/// </summary>
internal sealed class SharedLimits(RedisLimits redis, LiveSettings settings, TimeProvider time, ILogger<SharedLimits> logger) : ILimitStore, IDisposable
{
    /// <summary>Lets calls through when Redis is gone.</summary>
    public const string Open = "open";

    /// <summary>Does not.</summary>
    public const string Closed = "closed";

    private readonly Lock gate = new();
    private LocalLimits? alone; // while Redis is away

    /// <inheritdoc/>
    public TimeSpan PollInterval => TimeSpan.FromMilliseconds(25); // places come free at other gateways

    private bool IsClosed => settings.Current.Options.WhenRedisIsGone == Closed;

    /// <inheritdoc/>
    public async ValueTask<Decision> DecideAsync(Ask ask, bool takePlace, CancellationToken cancellation)
    {
        if (await redis.DecideAsync(ask, takePlace) is { } decision)
        {
            if (Volatile.Read(ref alone) is not null) Back();
            return decision;
        }

        var store = Away();
        if (IsClosed) return new Decision(Outcome.Unavailable);
        decision = store.Decide(ask, takePlace);
        return decision.Hold is { } hold ? decision with { Hold = new AloneHold(hold, redis) } : decision;
    }

    /// <inheritdoc/>
    public async ValueTask SeedAsync(Owner owner, Period period, long? spent)
    {
        if (await redis.SeedAsync(owner, period, spent)) return;
        await Away().SeedAsync(owner, period, spent);
    }

    /// <inheritdoc/>
    public void Dispose() => alone?.Dispose();

    private LocalLimits Away()
    {
        lock (gate)
        {
            if (alone is not null) return alone;
            logger.LogWarning("Redis is away: {Rule}", IsClosed ? "calls with limits are refused until it is back" : "this gateway counts by itself until it is back");
            return alone = new LocalLimits(time);
        }
    }

    private void Back()
    {
        lock (gate)
        {
            if (alone is null) return;
            logger.LogInformation("Redis is back");
            alone.Dispose();
            alone = null;
        }
    }

    // What it costs is spent there too, where Redis kept its count.
    private sealed class AloneHold(Hold inner, RedisLimits redis) : Hold(inner.Ask)
    {
        private int settled;

        public override ValueTask<Place> TakePlaceAsync() => inner.TakePlaceAsync();

        public override void Settle(long tokens, long cost)
        {
            inner.Settle(tokens, cost);
            if (Interlocked.Exchange(ref settled, 1) == 0) redis.Spent(Ask, cost);
        }

        public override void GiveBack()
        {
            inner.GiveBack();
            Volatile.Write(ref settled, 1);
        }
    }
}
