namespace Gateway.Routing.Balancers;

/// <summary>By chance, in proportion to the weights.</summary>
internal sealed class Weighted : IBalancer
{
    public bool Samples => false;

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        double total = 0;
        foreach (var target in targets) total += target.EffectiveWeight(call.Now);
        var at = chance.NextDouble() * total;
        foreach (var target in targets)
            if ((at -= target.EffectiveWeight(call.Now)) < 0) return target;
        return targets[^1];
    }
}
