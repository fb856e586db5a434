using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Gateway.Configuration;
using Gateway.Routing;

namespace Gateway.Telemetry;

/// <summary>
/// How the targets of the settings in force stand at the moment when somebody looks. Targets that share labels count together: one pass over
/// all of them, one series for each pair of labels.
/// </summary>
internal sealed class RoutingGauges(LiveSettings settings, MetricLabels labels, TimeProvider time)
{
    public IEnumerable<Measurement<long>> Calls() => ByUpstream(static upstream => upstream.Calls, static (a, b) => a + b);

    public IEnumerable<Measurement<long>> Up() => ByUpstream(static upstream => upstream.IsUp ? 1 : 0, Math.Min);

    public IEnumerable<Measurement<long>> OutstandingTokens() => ByTarget(static target => target.Work, static (a, b) => a + b);

    public IEnumerable<Measurement<long>> Breakers()
    {
        var now = time.GetTimestamp();
        return ByTarget(target => Number(target.Health.State(now)), Math.Max);
    }

    private static long Number(string state) => state switch { "closed" => 0, "half-open" => 1, "open" => 2, _ => 3 };

    private IEnumerable<Measurement<long>> ByUpstream(Func<Upstream, long> value, Func<long, long, long> both)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var upstream in settings.Current.Catalogue.All.SelectMany(static model => model.Targets).Select(static target => target.Upstream).Distinct())
            Add(found, labels.Upstream(upstream.Name), value(upstream), both);
        return found.Select(static entry => new Measurement<long>(entry.Value, KeyValuePair.Create("upstream", (object?)entry.Key)));
    }

    private IEnumerable<Measurement<long>> ByTarget(Func<Target, long> value, Func<long, long, long> both)
    {
        var found = new Dictionary<(string Upstream, string Model), long>();
        var all = settings.Current.Catalogue.All.Sum(static model => model.Targets.Length);
        foreach (var model in settings.Current.Catalogue.All)
            foreach (var target in model.Targets)
                Add(found, labels.Seen(target.Upstream.Name, model.Name, all), value(target), both);
        return found.Select(static entry => new Measurement<long>(entry.Value, KeyValuePair.Create("upstream", (object?)entry.Key.Upstream), KeyValuePair.Create("model", (object?)entry.Key.Model)));
    }

    private static void Add<TLabels>(Dictionary<TLabels, long> found, TLabels at, long value, Func<long, long, long> both)
        where TLabels : notnull
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(found, at, out var known);
        slot = known ? both(slot, value) : value;
    }
}
