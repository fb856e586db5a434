namespace Gateway.Routing.Balancers;

/// <summary>The balancers by name.</summary>
internal static class BalancerNames
{
    private static readonly Dictionary<string, IBalancer> ByName = new(StringComparer.Ordinal)
    {
        ["least-work"] = new LeastWork(),
        ["power-of-two"] = new PowerOfTwo(),
        ["weighted"] = new Weighted(),
        ["ordered"] = new Ordered(),
        ["latency"] = new LowestLatency(),
        ["prefix"] = new PrefixAffinity(),
    };

    public static IReadOnlyList<string> All { get; } = [.. ByName.Keys];

    public static IBalancer Of(string name) => ByName[name];
}
