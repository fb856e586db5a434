namespace Gateway.Policies.Redis;

/// <summary>What <c>decide.lua</c> says.</summary>
internal readonly record struct RedisAnswer(long[] Numbers)
{
    private const int PerMicrosecond = (int)TimeSpan.TicksPerMicrosecond;

    private static readonly Bound[] Bounds = [Bound.RequestsPerMinute, Bound.TokensPerMinute, Bound.RequestsPerDay, Bound.TokensPerDay, Bound.Concurrent, Bound.BudgetPerDay, Bound.BudgetPerMonth];

    public Outcome Outcome => Numbers[0] switch { 0 => Outcome.Admitted, 1 => Outcome.Waits, 2 => Outcome.Refused, _ => Outcome.Unseeded };

    public Standing? Requests => Standing(5);

    public Standing? Tokens => Standing(8);

    /// <summary>Of each owner.</summary>
    public long[] Counted => Numbers[11..];

    public Refusal Refusal(Ask ask, DateTimeOffset now)
    {
        var bound = Bounds[Numbers[1]];
        var owner = Numbers[2] == 1 ? ask.Key : ask.Team!.Value;
        var limits = owner.Limits;
        var (limit, requested) = bound switch
        {
            Bound.RequestsPerMinute => (limits.RequestsPerMinute ?? 0, 1),
            Bound.RequestsPerDay => (limits.RequestsPerDay ?? 0, 1),
            Bound.TokensPerMinute => (limits.TokensPerMinute ?? 0, ask.Tokens),
            Bound.TokensPerDay => (limits.TokensPerDay ?? 0, ask.Tokens),
            Bound.Concurrent => (limits.MaxConcurrent ?? 0, 1),
            Bound.BudgetPerDay => (Money.Units(limits.BudgetPerDay ?? 0), ask.Cost),
            _ => (Money.Units(limits.BudgetPerMonth ?? 0), ask.Cost),
        };
        var wait = bound switch
        {
            Bound.BudgetPerDay => ask.Periods!.Day.Ends - now,
            Bound.BudgetPerMonth => ask.Periods!.Month.Ends - now,
            _ => TimeSpan.FromTicks(Numbers[4] * PerMicrosecond),
        };
        return new Refusal(bound, owner, limit, Numbers[3], requested, wait);
    }

    private Standing? Standing(int at) => Numbers[at] < 0 ? null : new Standing(Numbers[at], Numbers[at + 1], TimeSpan.FromTicks(Numbers[at + 2] * PerMicrosecond));
}
