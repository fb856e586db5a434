using Gateway.Routing.Balancers;

namespace Gateway.Routing;

/// <summary>
/// The targets of a model that have the same order, and what balancers keep of them so that a choice costs the same among a thousand as
/// among ten. Members are fixed; what is remembered of them is a hint that may be lost to a race. Thread-safe.
/// </summary>
internal sealed class Tier(Target[] targets)
{
    /// <summary>Up to here all of them are looked at.</summary>
    public const int Few = 16;

    private WeightedDraw? draw;
    private HashRing? ring;
    private TierLoad? load;

    public Target[] Targets { get; } = targets;

    public bool IsLarge => Targets.Length > Few;

    /// <summary>A few of the least loaded that were seen of late.</summary>
    public Remembered Remembered { get; } = new();

    /// <summary>What they do at all.</summary>
    public TierLoad Load => load ??= new TierLoad(Targets);

    /// <summary>Where conversations go.</summary>
    public HashRing Ring => ring ??= new HashRing(Targets);

    /// <summary>One by chance, in proportion to the weights as they are configured.</summary>
    public Target Draw(Random chance) => Targets[(draw ??= new WeightedDraw(Targets)).Next(chance)];

    /// <summary>The tiers of a model, the first one first.</summary>
    public static Tier[] Of(Target[] byOrder) => [.. byOrder.GroupBy(static target => target.Order).Select(static group => new Tier([.. group]))];
}
