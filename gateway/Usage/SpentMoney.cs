using Gateway.Policies;

namespace Gateway.Usage;

/// <summary>What budgets ask before they count themselves: the sums of the table.</summary>
internal sealed class SpentMoney(UsageStore store, UsageJournal journal) : ISpentMoney
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Rows wait that the database does not have: a sum without them would be too small.</exception>
    public async ValueTask<decimal> SpentAsync(string owner, bool isTeam, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation)
    {
        if (!await journal.FlushAsync(cancellation)) throw new InvalidOperationException("the database is behind");
        if (!store.MayHoldSomething) return 0;
        var units = await store.ReadAsync(
            $"SELECT CAST(COALESCE(SUM(cost), 0) AS BIGINT) FROM usage WHERE {(isTeam ? "team" : "key_id")} = @owner AND began >= @from AND began < @until",
            [("owner", owner), ("from", from.ToUnixTimeMilliseconds()), ("until", until.ToUnixTimeMilliseconds())], static row => row.GetInt64(0), cancellation);
        return Money.Of(units[0]);
    }
}
