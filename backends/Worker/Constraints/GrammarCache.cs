using System.Collections.Concurrent;
using Gateway.Engine.Constraints;

namespace Gateway.Worker.Constraints;

/// <summary>Grammars of recent requests: applications send the same schema with every call. A full cache begins anew.</summary>
internal sealed class GrammarCache
{
    private const int Most = 64;
    private const long MostBytes = 4L << 20; // of one; larger ones are few, and are compiled again
    private readonly ConcurrentDictionary<string, Grammar> grammars = new();

    public Grammar Get(string key, Func<Grammar> compile)
    {
        if (grammars.TryGetValue(key, out var known)) return known;
        var grammar = compile();
        if (grammar.Bytes > MostBytes) return grammar;
        if (grammars.Count >= Most) grammars.Clear();
        return grammars[key] = grammar;
    }
}
