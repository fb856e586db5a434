namespace Gateway.Routing.Balancers;

/// <summary>The less loaded of two at random (Mitzenmacher, 2001): nearly as even as the least loaded of all, and never a herd.</summary>
internal sealed class PowerOfTwo : IBalancer
{
    private const int Draws = 8;

    public Target? Spot(Tier tier, in RoutingCall call, Random chance)
    {
        Target? first = null;
        for (var draw = 0; draw < Draws; draw++)
        {
            var target = tier.Draw(chance);
            if (target == first || !call.MayAsk(target)) continue;
            if (first is not null) return Less(first, target, call);
            first = target;
        }

        return first;
    }

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        if (targets.Length == 1) return targets[0];
        var first = chance.Next(targets.Length);
        var second = chance.Next(targets.Length - 1);
        if (second >= first) second++;
        return Less(targets[first], targets[second], call);
    }

    private static Target Less(Target a, Target b, in RoutingCall call) => LeastWork.Load(a, call) <= LeastWork.Load(b, call) ? a : b;
}
