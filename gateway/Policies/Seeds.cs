using System.Collections.Concurrent;

namespace Gateway.Policies;

/// <summary>Tells stores what was spent before they counted. Calls that want to know the same thing at once ask once. Thread-safe.</summary>
internal sealed class Seeds(ISpentMoney spent, ILogger<Seeds> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // of a program that has just begun, on a busy machine

    private readonly ConcurrentDictionary<(string Id, bool IsTeam, Period Period), Lazy<Task>> asked = new();

    /// <summary>Seeds every budget of an ask.</summary>
    public Task SowAsync(ILimitStore store, Ask ask, CancellationToken cancellation)
    {
        var answers = new List<Task>(4);
        foreach (var owner in (Owner?[])[ask.Key, ask.Team])
        {
            if (owner?.Limits.BudgetPerDay is not null) answers.Add(OnceAsync(store, owner.Value, ask.Periods!.Day));
            if (owner?.Limits.BudgetPerMonth is not null) answers.Add(OnceAsync(store, owner.Value, ask.Periods!.Month));
        }

        return Task.WhenAll(answers).WaitAsync(cancellation);
    }

    private async Task OnceAsync(ILimitStore store, Owner owner, Period period)
    {
        var question = (owner.Id, owner.IsTeam, period);
        var answer = asked.GetOrAdd(question, _ => new Lazy<Task>(() => AskAsync(store, owner, period)));
        try
        {
            await answer.Value;
        }
        finally
        {
            asked.TryRemove(KeyValuePair.Create(question, answer));
        }
    }

    private async Task AskAsync(ILimitStore store, Owner owner, Period period)
    {
        long? units = null;
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            units = Money.Units(await spent.SpentAsync(owner.Id, owner.IsTeam, period.Begins, period.Ends, limit.Token));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            logger.LogWarning("What {Owner} has spent is not known now, and is counted from here on: {Reason}", owner.Id, e.Message);
        }

        await store.SeedAsync(owner, period, units);
    }
}
