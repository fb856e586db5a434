namespace Gateway.Routing.Balancers;

/// <summary>The target with the fewest outstanding tokens for its weight, this call's among them; of equals any. Of many, the best of a few.</summary>
internal sealed class LeastWork : IBalancer, ICost
{
    public Target? Spot(Tier tier, in RoutingCall call, Random chance) => tier.IsLarge ? Sample.Best(tier, call, chance, this) : null;

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        var best = targets[0];
        var least = double.MaxValue;
        var equals = 0;
        foreach (var target in targets)
        {
            var load = Load(target, call);
            if (load > least || (load == least && chance.Next(++equals + 1) != 0)) continue;
            if (load < least) equals = 0;
            (best, least) = (target, load);
        }

        return best;
    }

    public double Of(Target target, in RoutingCall call) => Load(target, call);

    public static double Load(Target target, in RoutingCall call) => (target.Work + call.Tokens) / target.EffectiveWeight(call.Now);
}
