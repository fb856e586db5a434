namespace Gateway.Routing.Balancers;

/// <summary>
/// A conversation goes where its beginning went, because its KV cache is warm there: weighted rendezvous hashing (Thaler and Ravishankar,
/// 1998) of few targets and a ring of many, with bounded loads (Mirrokni et al., 2016), so that a popular beginning spreads before it drowns
/// its target.
/// </summary>
internal sealed class PrefixAffinity : IBalancer
{
    private const double Bound = 1.25; // of the mean load
    private const double Slack = 2; // calls like this one: a target answers a few at once as fast as one
    private const int MostLooks = 256; // fewer than the smallest ring has points
    private static readonly LeastWork WithoutPrefix = new();

    public Target? Spot(Tier tier, in RoutingCall call, Random chance)
    {
        if (!tier.IsLarge) return null;
        if (call.Prefix == 0) return WithoutPrefix.Spot(tier, call, chance);
        var (ring, mean) = (tier.Ring, tier.Load.Mean(call, chance));
        var walk = ring.From(call.Prefix);
        Target? best = null;
        var least = double.PositiveInfinity;
        for (var look = 0; look < MostLooks; look++)
        {
            var target = walk.Next(out var way);
            if (way >= least * ring.Heaviest) break; // those that come can only be worse
            if (way < least * target.Weight && call.MayAsk(target) && !IsFull(target, mean, call)) (best, least) = (target, way / target.Weight);
        }

        return best;
    }

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        if (call.Prefix == 0 || targets.Length == 1) return WithoutPrefix.Pick(targets, call, chance);
        double work = call.Tokens, weights = 0;
        foreach (var target in targets)
        {
            work += target.Work;
            weights += target.EffectiveWeight(call.Now);
        }

        Target? best = null;
        var highest = double.NegativeInfinity;
        foreach (var target in targets)
        {
            if (IsFull(target, work / weights, call)) continue;
            var score = Score(target, call.Prefix);
            if (score <= highest) continue;
            (best, highest) = (target, score);
        }

        return best ?? WithoutPrefix.Pick(targets, call, chance);
    }

    private static bool IsFull(Target target, double mean, in RoutingCall call) =>
        target.Work > (Bound * mean * target.EffectiveWeight(call.Now)) + (Slack * call.Tokens);

    // −w / ln(u): the highest is this target's with probability in proportion to w, and losing a target moves only its own conversations.
    private static double Score(Target target, ulong prefix)
    {
        var unit = ((StableHash.Mix(prefix ^ target.Hash) >> 11) + 0.5) / (1UL << 53);
        return -target.Weight / Math.Log(unit);
    }
}
