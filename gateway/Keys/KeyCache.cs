using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.Configuration;

namespace Gateway.Keys;

/// <summary>
/// Keys of the database that called lately, so that a call costs no look-up. Two generations of bounded size: when the young one is full
/// it becomes the old one, and what calls again comes back. Readers wait for nobody; who changes something holds the gate.
/// </summary>
internal sealed class KeyCache(int size = 50_000)
{
    private readonly Lock gate = new();
    private ConcurrentDictionary<KeyHash, Entry> young = new();
    private ConcurrentDictionary<KeyHash, Entry> old = new();
    private long generation;

    /// <summary>Counts how often something was forgotten. Taken before the database is asked: see <see cref="Add"/>.</summary>
    public long Generation => Volatile.Read(ref generation);

    /// <summary>Null for one that is not here, or was made with other settings.</summary>
    public KnownKey? Find(KeyHash hash, GatewayOptions options)
    {
        if (!Volatile.Read(ref young).TryGetValue(hash, out var entry) && !ComesBack(hash, out entry)) return null;
        return ReferenceEquals(entry.Options, options) ? entry.Key : null;
    }

    /// <summary>Keeps what the database said, unless something was forgotten since <paramref name="before"/> was taken: it may have been this.</summary>
    public void Add(KeyHash hash, Entry entry, long before)
    {
        lock (gate)
        {
            if (generation == before) AddHoldingGate(hash, entry);
        }
    }

    /// <summary>Forgets these keys.</summary>
    public void Forget(IReadOnlySet<string> ids)
    {
        lock (gate)
        {
            generation++;
            foreach (var all in (ConcurrentDictionary<KeyHash, Entry>[])[young, old])
                foreach (var (hash, entry) in all)
                    if (ids.Contains(entry.Key.Caller.Id)) all.TryRemove(hash, out _);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (gate)
        {
            generation++;
            (young, old) = (new(), new());
        }
    }

    private bool ComesBack(KeyHash hash, [NotNullWhen(true)] out Entry? entry)
    {
        if (!Volatile.Read(ref old).TryGetValue(hash, out entry)) return false;
        lock (gate)
        {
            if (!old.TryGetValue(hash, out entry) && !young.TryGetValue(hash, out entry)) return false;
            AddHoldingGate(hash, entry);
            return true;
        }
    }

    private void AddHoldingGate(KeyHash hash, Entry entry)
    {
        young[hash] = entry;
        if (young.Count > size) (old, young) = (young, new());
    }

    /// <param name="Key">What the database said.</param>
    /// <param name="Options">The settings, whose teams its caller has.</param>
    internal sealed record Entry(KnownKey Key, GatewayOptions Options);
}
