namespace Gateway.Routing.Balancers;

/// <summary>
/// A conversation goes where its beginning went, because its KV cache is warm there: weighted rendezvous hashing (Thaler and Ravishankar,
/// 1998) with bounded loads (Mirrokni et al., 2016), so that a popular beginning spreads before it drowns its target.
/// </summary>
internal sealed class PrefixAffinity : IBalancer
{
    private const double Bound = 1.25; // of the mean load
    private const double Slack = 2; // calls like this one: a target answers a few at once as fast as one
    private static readonly LeastWork WithoutPrefix = new();

    public bool Samples => false;

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
            var weight = target.EffectiveWeight(call.Now);
            if (target.Work > (Bound * work * weight / weights) + (Slack * call.Tokens)) continue;
            var score = Score(target, call.Prefix);
            if (score <= highest) continue;
            (best, highest) = (target, score);
        }

        return best ?? WithoutPrefix.Pick(targets, call, chance);
    }

    // −w / ln(u): the highest is this target's with probability in proportion to w, and losing a target moves only its own conversations.
    private static double Score(Target target, ulong prefix)
    {
        var unit = ((StableHash.Mix(prefix ^ target.Hash) >> 11) + 0.5) / (1UL << 53);
        return -target.Weight / Math.Log(unit);
    }
}
