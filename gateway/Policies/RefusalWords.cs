namespace Gateway.Policies;

/// <summary>Bounds as metrics and the admin API call them: as the settings do.</summary>
internal static class RefusalWords
{
    /// <summary>It waited as long as it may, and no place came free.</summary>
    public const string QueueTimeout = "queue_timeout";

    /// <summary>Nobody can count now.</summary>
    public const string Unavailable = "unavailable";

    public const string MaxConcurrent = "max_concurrent";

    public static string Of(Bound bound) => bound switch
    {
        Bound.RequestsPerMinute => "requests_per_minute",
        Bound.TokensPerMinute => "tokens_per_minute",
        Bound.RequestsPerDay => "requests_per_day",
        Bound.TokensPerDay => "tokens_per_day",
        Bound.BudgetPerDay => "budget_per_day",
        Bound.BudgetPerMonth => "budget_per_month",
        _ => MaxConcurrent,
    };

    public static string Of(Owner owner) => owner.IsTeam ? "team" : "key";
}
