namespace Gateway.Routing.Balancers;

/// <summary>
/// The target that will answer first: its latency, stretched by the attempts that it has already. One call in twenty goes to any target, so
/// that one that was slow once is looked at again. A target that never answered goes first while nobody asks it, and last while somebody does.
/// Of many, the best of a few.
/// </summary>
internal sealed class LowestLatency : IBalancer, ICost
{
    private const double Explored = 0.05;
    private const int Draws = 8;
    private const double Unknown = 86_400; // seconds: longer than any that is known

    public Target? Spot(Tier tier, in RoutingCall call, Random chance)
    {
        if (!tier.IsLarge) return null;
        if (chance.NextDouble() < Explored)
            for (var draw = 0; draw < Draws; draw++)
                if (tier.Targets[chance.Next(tier.Targets.Length)] is var any && call.MayAsk(any)) return any;
        return Sample.Best(tier, call, chance, this);
    }

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        if (chance.NextDouble() < Explored) return targets[chance.Next(targets.Length)];
        var best = targets[0];
        var least = double.MaxValue;
        foreach (var target in targets)
        {
            var expected = Of(target, call);
            if (expected >= least) continue;
            (best, least) = (target, expected);
        }

        return best;
    }

    public double Of(Target target, in RoutingCall call)
    {
        var (average, calls) = (target.Health.Latency.Average, target.Upstream.Calls);
        return average > 0 ? average * (1 + calls) / target.EffectiveWeight(call.Now) : Unknown * calls;
    }
}
