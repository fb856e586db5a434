namespace Gateway.Routing.Balancers;

/// <summary>The less loaded of two at random (Mitzenmacher, 2001): nearly as even as the least loaded of all, and never a herd.</summary>
internal sealed class PowerOfTwo : IBalancer
{
    public bool Samples => true;

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        if (targets.Length == 1) return targets[0];
        var first = chance.Next(targets.Length);
        var second = chance.Next(targets.Length - 1);
        if (second >= first) second++;
        return LeastWork.Load(targets[first], call) <= LeastWork.Load(targets[second], call) ? targets[first] : targets[second];
    }
}
