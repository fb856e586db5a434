using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys.Stored;

namespace Gateway.Keys;

/// <summary>Whose a key is. One that is unknown, expired or disabled is nobody's, and looked for in the same places. Thread-safe.</summary>
internal sealed class KeyRing(LiveSettings settings, KeyCache cache, KeyFeed feed, KeyStore store, TimeProvider time, ILogger<KeyRing> logger)
{
    private ConfiguredKeys configured = new(settings.Current.Options);

    /// <summary>Whether there is any key at all, so that a call without one is not answered; null while the database has not said.</summary>
    public bool? Any => Configured.Any ? true : feed.Any;

    private ConfiguredKeys Configured
    {
        get
        {
            var (known, options) = (Volatile.Read(ref configured), settings.Current.Options);
            if (ReferenceEquals(known.Options, options)) return known;
            known = new ConfiguredKeys(options);
            Volatile.Write(ref configured, known);
            return known;
        }
    }

    /// <summary>Whether there is any key at all.</summary>
    /// <exception cref="ProblemException">The database would know, and cannot be asked.</exception>
    public ValueTask<bool> AnyAsync(CancellationToken cancellation) => Any is { } known ? ValueTask.FromResult(known) : new(AskAsync(cancellation));

    /// <summary>Null for nobody's.</summary>
    /// <exception cref="ProblemException">The database would know, and cannot be asked.</exception>
    public ValueTask<Caller?> FindAsync(KeyHash hash, CancellationToken cancellation)
    {
        var (all, now) = (Configured, time.GetUtcNow());
        if (all.Find(hash) is { } known && known.IsGoodAt(now)) return ValueTask.FromResult<Caller?>(known.Caller);
        if (feed.Any == false) return default;
        if (feed.IsFresh && cache.Find(hash, all.Options) is { } kept && kept.IsGoodAt(now)) return ValueTask.FromResult<Caller?>(kept.Caller);
        return new(LookUpAsync(hash, all.Options, cancellation));
    }

    // What opens nothing is not kept: whether a key never was, or is over, the database is asked each time.
    private async Task<Caller?> LookUpAsync(KeyHash hash, GatewayOptions options, CancellationToken cancellation)
    {
        var before = cache.Generation;
        if (await store.FindAsync(hash, options, cancellation) is not { } found || !found.IsGoodAt(time.GetUtcNow())) return null;
        cache.Add(hash, new KeyCache.Entry(found, options), before);
        return found.Caller;
    }

    private async Task<bool> AskAsync(CancellationToken cancellation)
    {
        try
        {
            return await feed.AnyAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError("The database cannot be asked whether there are keys, so nobody is answered without one: {Reason}", e.GetBaseException().Message);
            throw new ProblemException(Problems.DatabaseIsAway());
        }
    }
}
