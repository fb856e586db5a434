namespace Gateway.Policies;

/// <summary>Knows what was spent before this process, or this Redis, began to count.</summary>
public interface ISpentMoney
{
    /// <summary>What calls of a key, or of a team's keys, cost that came within a stretch of time.</summary>
    /// <param name="owner">The key's id, or the team's name.</param>
    /// <param name="isTeam">Which of the two.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="until">The first moment after it.</param>
    /// <param name="cancellation">Ends the question.</param>
    ValueTask<decimal> SpentAsync(string owner, bool isTeam, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation);
}

/// <summary>Where nothing is recorded, budgets begin with the process.</summary>
internal sealed class NothingSpent : ISpentMoney
{
    public ValueTask<decimal> SpentAsync(string owner, bool isTeam, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation) => new(0m);
}
