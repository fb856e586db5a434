using Gateway.Configuration;

namespace Gateway.Keys;

/// <summary>Whose a key is. One that is unknown, expired or disabled is nobody's, and looked for in the same places. Thread-safe.</summary>
internal sealed class KeyRing(LiveSettings settings, TimeProvider time)
{
    private ConfiguredKeys configured = new(settings.Current.Options);

    /// <summary>Whether there is any key at all, so that a call without one is not answered.</summary>
    public bool Any => Configured.Any;

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

    /// <summary>Null for nobody's.</summary>
    public ValueTask<Caller?> FindAsync(KeyHash hash, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Configured.Find(hash) is { } known && known.IsGoodAt(time.GetUtcNow()) ? known.Caller : null);
    }
}
