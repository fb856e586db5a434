namespace Gateway.Routing.Balancers;

/// <summary>By chance, in proportion to the weights.</summary>
internal sealed class Weighted : IBalancer
{
    private const int Draws = 16;

    // Who may not be asked is drawn in vain, and who comes back as often as it is still cold: what is left is in proportion.
    public Target? Spot(Tier tier, in RoutingCall call, Random chance)
    {
        for (var draw = 0; draw < Draws; draw++)
        {
            var target = tier.Draw(chance);
            if (call.MayAsk(target) && target.Health.Warmth(call.Now) is var warmth && (warmth >= 1 || chance.NextDouble() < warmth)) return target;
        }

        return null;
    }

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
