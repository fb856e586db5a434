namespace Gateway.Routing.Balancers;

/// <summary>
/// The target that will answer first: its latency, stretched by the attempts that it has already. One call in twenty goes to any target, so
/// that one that was slow once is looked at again. A target that never answered goes first while nobody asks it, and last while somebody does.
/// </summary>
internal sealed class LowestLatency : IBalancer
{
    private const double Explored = 0.05;
    private const double Unknown = 86_400; // seconds: longer than any that is known

    public bool Samples => true;

    public Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance)
    {
        if (chance.NextDouble() < Explored) return targets[chance.Next(targets.Length)];
        var best = targets[0];
        var least = double.MaxValue;
        foreach (var target in targets)
        {
            var (average, calls) = (target.Health.Latency.Average, target.Upstream.Calls);
            var expected = average > 0 ? average * (1 + calls) / target.EffectiveWeight(call.Now) : Unknown * calls;
            if (expected >= least) continue;
            (best, least) = (target, expected);
        }

        return best;
    }
}
