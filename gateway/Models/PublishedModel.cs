using Gateway.Configuration;
using Gateway.Routing;
using Gateway.Routing.Balancers;

namespace Gateway.Models;

/// <summary>A model by the name that callers use, and where it is served. Immutable; a reload makes new ones.</summary>
public sealed class PublishedModel
{
    /// <param name="name">The published name; with <c>*</c> a pattern.</param>
    /// <param name="options">Routing, timers, retries, fields.</param>
    /// <param name="targets">At least one.</param>
    /// <param name="created">Unix seconds.</param>
    public PublishedModel(string name, ModelOptions options, IEnumerable<Target> targets, long created)
    {
        (Name, Options, Created) = (name, options, created);
        Targets = [.. targets.OrderBy(static target => target.Order)]; // stable: of equal order, as configured
        Tiers = Tier.Of(Targets);
        Balancer = BalancerNames.Of(options.Routing);
        Edits = FieldEdits.Of(options);
        HedgeAfter = options.HedgeAfter is null or "p95" ? null : TimeSpan.Parse(options.HedgeAfter, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>As callers ask for it.</summary>
    public string Name { get; }

    /// <summary>Whether it stands for every name that it matches.</summary>
    public bool IsPattern => Name.Contains('*');

    /// <summary>Its settings.</summary>
    public ModelOptions Options { get; }

    /// <summary>Lower orders first.</summary>
    public Target[] Targets { get; }

    /// <summary>Unix seconds.</summary>
    public long Created { get; }

    /// <summary>Most tokens of prompt and answer, where it is known.</summary>
    public int? Context { get; init; }

    /// <summary>The local model that it is, if it is one.</summary>
    public LocalModel? Local => Targets is [{ Upstream: LocalUpstream only }] ? only.Model : null;

    /// <summary>Latencies of all its targets, for hedging.</summary>
    public Latency Latency { get; init; } = new();

    /// <summary>When a second target is asked; null for never, or not yet.</summary>
    public TimeSpan? Hedge => Options.HedgeAfter is null ? null : HedgeAfter ?? Latency.P95;

    /// <summary>The same, by order.</summary>
    internal Tier[] Tiers { get; }

    internal IBalancer Balancer { get; }

    internal FieldEdits Edits { get; }

    private TimeSpan? HedgeAfter { get; }
}
