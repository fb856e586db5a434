using Gateway.Policies;

namespace Gateway.Tests.Policies;

/// <summary>What made-up calls ask for.</summary>
internal static class Asks
{
    public static Ask Of(CallerLimits key, long tokens = 0, decimal cost = 0, string id = "k", CallerLimits? team = null, Periods? periods = null, Func<long>? costSoFar = null) => new()
    {
        Call = Guid.CreateVersion7(),
        Key = new Owner(id, false, key),
        Team = team is null ? null : new Owner("t", true, team),
        Tokens = tokens,
        Cost = Money.Units(cost),
        CostSoFar = costSoFar,
        Periods = periods,
        MayWait = key.QueueTimeout > TimeSpan.Zero,
    };

    public static Decision Decide(this LocalLimits store, Ask ask) => store.Decide(ask, takePlace: true);
}
