namespace Gateway.Routing.Balancers;

/// <summary>What a target would cost a call: the least is the best.</summary>
internal interface ICost
{
    double Of(Target target, in RoutingCall call);
}

/// <summary>The best of a few at random and the two that were best of late.</summary>
internal static class Sample
{
    private const int Draws = 6;

    public static Target? Best(Tier tier, in RoutingCall call, Random chance, ICost cost)
    {
        var seen = new Seen();
        for (var draw = 0; draw < Draws; draw++) seen.Look(tier.Draw(chance), call, cost);
        // Last: of equals it is one at random, and not the same again.
        if (tier.Remembered.First is { } first) seen.Look(first, call, cost);
        if (tier.Remembered.Second is { } second) seen.Look(second, call, cost);
        if (seen.First is not null) tier.Remembered.Keep(seen.First, seen.Second);
        return seen.First;
    }

    private ref struct Seen
    {
        private double least;
        private double next;

        public Target? First { get; private set; }

        public Target? Second { get; private set; }

        public void Look(Target target, in RoutingCall call, ICost cost)
        {
            if (target == First || target == Second || !call.MayAsk(target)) return;
            var found = cost.Of(target, call);
            if (First is null || found < least) (First, Second, least, next) = (target, First, found, least);
            else if (Second is null || found < next) (Second, next) = (target, found);
        }
    }
}
