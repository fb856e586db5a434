namespace Gateway.Routing.Balancers;

/// <summary>
/// How loaded the targets of a large tier are on average. Summed anew by one choice in N/4 at random, so that it costs each choice four
/// looks on average and no counter is shared; a few hundred calls of age do not matter to a mean over that many targets.
/// </summary>
internal sealed class TierLoad(Target[] targets)
{
    private const int Looks = 4;
    private double perWeight;
    private double weights;

    /// <summary>Outstanding tokens for one unit of weight, this call's among them.</summary>
    public double Mean(in RoutingCall call, Random chance)
    {
        if (Volatile.Read(ref weights) == 0 || chance.Next(targets.Length) < Looks) Sum(call.Now);
        return Volatile.Read(ref perWeight) + (call.Tokens / Volatile.Read(ref weights));
    }

    private void Sum(long now)
    {
        double work = 0, all = 0;
        foreach (var target in targets)
        {
            if (!target.IsAvailable(now)) continue;
            work += target.Work;
            all += target.EffectiveWeight(now);
        }

        if (all == 0) return; // nobody to choose: what was known of those that were is as good as any
        Volatile.Write(ref perWeight, work / all);
        Volatile.Write(ref weights, all);
    }
}
