namespace Gateway.Policies;

/// <summary>What one owner has used lately. Everything but the gate wants the gate to be held; a team's is taken before a key's.</summary>
internal sealed class Allowance
{
    private SlidingWindow? minute; // made when a bound first asks for it
    private SlidingWindow? day;
    private Spending today;
    private Spending thisMonth;
    private int running;

    public Lock Gate { get; } = new();

    /// <summary>Forgotten by its store: whoever has it looks for the new one.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether what was spent before has to be asked for.</summary>
    public bool IsUnseeded(CallerLimits limits, Periods? periods, long now) =>
        periods is not null && ((limits.BudgetPerDay is not null && !today.IsKnown(periods.Day, now)) || (limits.BudgetPerMonth is not null && !thisMonth.IsKnown(periods.Month, now)));

    public void Seed(Period period, bool isDay, long? spent, long now)
    {
        if (isDay) today.Seed(period, spent, now);
        else thisMonth.Seed(period, spent, now);
    }

    /// <summary>Forgets what is over.</summary>
    public void Advance(CallerLimits limits, long now)
    {
        if (limits.CountsMinutes) (minute ??= SlidingWindow.OfMinute()).Advance(now);
        if (limits.CountsDays) (day ??= SlidingWindow.OfDay()).Advance(now);
    }

    /// <summary>The budget that the call would exceed, if there is one.</summary>
    public Refusal? Budget(Ask ask, Owner owner, DateTimeOffset time) => ask.Periods is not { } periods ? null
        : Budget(Bound.BudgetPerDay, owner.Limits.BudgetPerDay, today, periods.Day, ask, owner, time) ?? Budget(Bound.BudgetPerMonth, owner.Limits.BudgetPerMonth, thisMonth, periods.Month, ask, owner, time);

    /// <summary>The bound on calls or tokens that the call would exceed, if there is one.</summary>
    public Refusal? Rate(Ask ask, Owner owner)
    {
        var limits = owner.Limits;
        return Rate(Bound.RequestsPerMinute, limits.RequestsPerMinute, minute, ask, owner) ?? Rate(Bound.TokensPerMinute, limits.TokensPerMinute, minute, ask, owner)
            ?? Rate(Bound.RequestsPerDay, limits.RequestsPerDay, day, ask, owner) ?? Rate(Bound.TokensPerDay, limits.TokensPerDay, day, ask, owner);
    }

    public bool HasPlace(CallerLimits limits) => limits.MaxConcurrent is not { } most || running < most;

    public Refusal Full(Owner owner) => new(Bound.Concurrent, owner, owner.Limits.MaxConcurrent ?? 0, running, 1, TimeSpan.FromSeconds(1));

    /// <summary>Counts a call that nothing speaks against.</summary>
    public void Reserve(Ask ask, CallerLimits limits)
    {
        if (limits.CountsMinutes) minute!.Add(ask.Tokens);
        if (limits.CountsDays) day!.Add(ask.Tokens);
        Spend(ask, ask.Cost);
    }

    public void Enter() => running++;

    public void Leave() => running--;

    /// <summary>Corrects what was counted at a time by these differences.</summary>
    public void Correct(Ask ask, long at, long now, int requests, long tokens, long cost)
    {
        minute?.Advance(now);
        minute?.Correct(at, requests, tokens);
        day?.Advance(now);
        day?.Correct(at, requests, tokens);
        Spend(ask, cost);
    }

    public Standing? Requests(CallerLimits limits) => Standing.Tighter(Stands(limits.RequestsPerMinute, minute, minute?.Requests), Stands(limits.RequestsPerDay, day, day?.Requests));

    public Standing? Tokens(CallerLimits limits) => Standing.Tighter(Stands(limits.TokensPerMinute, minute, minute?.Tokens), Stands(limits.TokensPerDay, day, day?.Tokens));

    /// <summary>Goes where nothing is left to remember.</summary>
    public bool TryGo(long now, DateTimeOffset time)
    {
        minute?.Advance(now);
        day?.Advance(now);
        return IsGone = running == 0 && minute is not { Requests: > 0 } && day is not { Requests: > 0 } && today.IsOver(time) && thisMonth.IsOver(time);
    }

    private void Spend(Ask ask, long units)
    {
        if (ask.Periods is not { } periods || units == 0) return;
        today.Add(periods.Day, units);
        thisMonth.Add(periods.Month, units);
    }

    private static Refusal? Budget(Bound bound, decimal? budget, Spending spending, Period period, Ask ask, Owner owner, DateTimeOffset time)
    {
        if (budget is not { } most || Money.Units(most) is var limit && spending.Units + ask.Cost <= limit && spending.Units < limit) return null;
        return new Refusal(bound, owner, limit, spending.Units, ask.Cost, period.Ends - time);
    }

    private static Refusal? Rate(Bound bound, long? limit, SlidingWindow? window, Ask ask, Owner owner)
    {
        if (limit is not { } most || window is null) return null;
        var ofTokens = bound is Bound.TokensPerMinute or Bound.TokensPerDay;
        var (used, wanted) = ofTokens ? (window.Tokens, ask.Tokens) : (window.Requests, 1);
        var excess = used + wanted - most;
        return excess <= 0 ? null : new Refusal(bound, owner, most, used, wanted, ofTokens ? window.Until(0, excess) : window.Until(excess, 0));
    }

    private static Standing? Stands(long? limit, SlidingWindow? window, long? used) => limit is { } most && window is not null ? new Standing(most, Math.Max(0, most - used!.Value), window.UntilEmpty) : null;
}
