using System.Collections.Concurrent;

namespace Gateway.Worker.Tools;

/// <summary>What was made for recent requests: agents send the same tools with every call. A full one begins anew.</summary>
internal sealed class RecentlyMade<T>
{
    private const int Most = 64;
    private readonly ConcurrentDictionary<string, T> made = new();

    public T Get(string key, Func<T> make)
    {
        if (made.TryGetValue(key, out var known)) return known;
        var fresh = make();
        if (made.Count >= Most) made.Clear();
        return made[key] = fresh;
    }
}
