namespace Gateway.Routing.Balancers;

/// <summary>The first that can be asked, as they are configured.</summary>
internal sealed class Ordered : IBalancer
{
    public bool Samples => false;

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance) => targets[0];
}
