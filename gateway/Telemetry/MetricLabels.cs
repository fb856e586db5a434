using System.Collections.Concurrent;

namespace Gateway.Telemetry;

/// <summary>
/// Which models and upstreams have series of their own: the first that are used, up to a bound; the others count together as
/// <see cref="Other"/>. So ten thousand models cost what a thousand cost, and nothing is cut without a word. What has a label keeps it while the
/// program runs. Thread-safe.
/// </summary>
/// <param name="mostModels">By name.</param>
/// <param name="mostPairs">Of a model and an upstream.</param>
/// <param name="mostUpstreams">By name.</param>
/// <param name="mostKeys">By name, of those that settings choose.</param>
public sealed class MetricLabels(int mostModels = 1_000, int mostPairs = 2_000, int mostUpstreams = 1_000, int mostKeys = 1_000)
{
    /// <summary>What is beyond the bounds.</summary>
    public const string Other = "other";

    private readonly Bounded<string> models = new(mostModels);
    private readonly Bounded<string> keys = new(mostKeys);
    private readonly Bounded<string> upstreams = new(mostUpstreams);
    private readonly Bounded<(string Upstream, string Model)> pairs = new(mostPairs);

    /// <summary>Of a model, which from now on has it.</summary>
    public string Model(string name) => models.Take(name) ? name : Other;

    /// <summary>Of a key, which from now on has it.</summary>
    public string Key(string name) => keys.Take(name) ? name : Other;

    /// <summary>Of an upstream, which from now on has it.</summary>
    public string Upstream(string name) => upstreams.Take(name) ? name : Other;

    /// <summary>Of a model at an upstream; the model is the first that goes.</summary>
    public (string Upstream, string Model) Pair(string upstream, string model)
    {
        var shown = Upstream(upstream);
        return (shown, shown != Other && models.Take(model) && pairs.Take((upstream, model)) ? model : Other);
    }

    /// <summary>The same for who only looks: where there are more than there is room for, nothing is taken that nobody used.</summary>
    public (string Upstream, string Model) Seen(string upstream, string model, int all) => all <= mostPairs ? Pair(upstream, model)
        : (upstreams.Has(upstream) ? upstream : Other, models.Has(model) && pairs.Has((upstream, model)) ? model : Other);

    private sealed class Bounded<T>(int most)
        where T : notnull
    {
        private readonly ConcurrentDictionary<T, bool> all = new();
        private int count;

        public bool Has(T one) => all.ContainsKey(one);

        public bool Take(T one)
        {
            if (all.ContainsKey(one)) return true;
            if (Interlocked.Increment(ref count) <= most && all.TryAdd(one, true)) return true;
            Interlocked.Decrement(ref count);
            return all.ContainsKey(one);
        }
    }
}
