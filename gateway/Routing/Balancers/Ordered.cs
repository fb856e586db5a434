namespace Gateway.Routing.Balancers;

/// <summary>The first that can be asked, as they are configured.</summary>
internal sealed class Ordered : IBalancer
{
    public Target? Spot(Tier tier, in RoutingCall call, Random chance)
    {
        foreach (var target in tier.Targets)
            if (call.MayAsk(target)) return target;
        return null;
    }

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance) => targets[0];
}
