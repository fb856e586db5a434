using System.Diagnostics.Metrics;
using Gateway.Configuration;
using Gateway.Routing;

namespace Gateway.Telemetry;

/// <summary>How the targets of the settings in force stand at the moment when somebody looks. Targets that share a label count together.</summary>
internal sealed class RoutingGauges(LiveSettings settings, TimeProvider time)
{
    public IEnumerable<Measurement<long>> Calls() => ByUpstream(static upstreams => upstreams.Sum(static upstream => (long)upstream.Calls));

    public IEnumerable<Measurement<long>> Up() => ByUpstream(static upstreams => upstreams.All(static upstream => upstream.IsUp) ? 1 : 0);

    public IEnumerable<Measurement<long>> OutstandingTokens() => ByTarget(static targets => targets.Sum(static target => target.Work));

    public IEnumerable<Measurement<long>> Breakers()
    {
        var now = time.GetTimestamp();
        return ByTarget(targets => targets.Max(target => Number(target.Health.State(now))));
    }

    private static long Number(string state) => state switch { "closed" => 0, "half-open" => 1, "open" => 2, _ => 3 };

    private IEnumerable<Measurement<long>> ByUpstream(Func<IEnumerable<Upstream>, long> value) => settings.Current.Catalogue.All
        .SelectMany(static model => model.Targets).Select(static target => target.Upstream).Distinct()
        .GroupBy(static upstream => upstream.Name).Select(group => new Measurement<long>(value(group), KeyValuePair.Create("upstream", (object?)group.Key)));

    private IEnumerable<Measurement<long>> ByTarget(Func<IEnumerable<Target>, long> value) => settings.Current.Catalogue.All
        .SelectMany(static model => model.Targets.GroupBy(static target => target.Upstream.Name).Select(group => (Model: model.Name, Upstream: group.Key, Targets: group)))
        .Select(entry => new Measurement<long>(value(entry.Targets), KeyValuePair.Create("upstream", (object?)entry.Upstream), KeyValuePair.Create("model", (object?)entry.Model)));
}
