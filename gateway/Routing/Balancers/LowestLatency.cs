namespace Gateway.Routing.Balancers;

/// <summary>
/// The target that will answer first: its latency, stretched by the attempts that it has already. One call in twenty goes to any target, so
/// that one that was slow once is looked at again; a target that was never asked goes first.
/// </summary>
internal sealed class LowestLatency : IBalancer
{
    private const double Explored = 0.05;

    public bool Samples => true;

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        if (chance.NextDouble() < Explored) return targets[chance.Next(targets.Length)];
        var best = targets[0];
        var least = double.MaxValue;
        foreach (var target in targets)
        {
            var expected = target.Health.Latency.Average * (1 + target.Upstream.Calls) / target.EffectiveWeight(call.Now);
            if (expected >= least) continue;
            (best, least) = (target, expected);
        }

        return best;
    }
}
