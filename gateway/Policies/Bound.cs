namespace Gateway.Policies;

/// <summary>What a call can be refused for.</summary>
internal enum Bound
{
    RequestsPerMinute,
    TokensPerMinute,
    RequestsPerDay,
    TokensPerDay,
    Concurrent,
    BudgetPerDay,
    BudgetPerMonth,
}
