using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>Bounds that settings and the admin API share.</summary>
internal static class KeyRules
{
    public const int MaxNameLength = 128;
    public const int MaxModels = 1_000;
    public const long LatestSecond = 253_402_300_799; // of the year 9999

    /// <summary>More could not be counted exactly.</summary>
    public const long MostTokens = 1L << 50;

    public static readonly TimeSpan LongestQueueTimeout = TimeSpan.FromHours(1);

    /// <summary>What may not be negative.</summary>
    public static IEnumerable<(string Name, decimal? Value)> Numbers(CallerLimits limits) =>
    [
        (nameof(limits.RequestsPerMinute), limits.RequestsPerMinute), (nameof(limits.RequestsPerDay), limits.RequestsPerDay),
        (nameof(limits.TokensPerMinute), limits.TokensPerMinute), (nameof(limits.TokensPerDay), limits.TokensPerDay), (nameof(limits.MaxConcurrent), limits.MaxConcurrent),
        (nameof(limits.BudgetPerDay), limits.BudgetPerDay), (nameof(limits.BudgetPerMonth), limits.BudgetPerMonth),
    ];

    /// <summary>The largest of each.</summary>
    public static decimal Most(string name) => name.StartsWith("Budget", StringComparison.Ordinal) ? Money.Largest : MostTokens;
}
