using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.StoredCompletions;

/// <summary>What is kept, as callers ask for it: each sees its own. Nothing is there while keeping is off, and nothing that is past its time.</summary>
internal sealed class CompletionStore(Database database, CompletionQueue queue, GatewayOptions options, TimeProvider time)
{
    private const long MaxPageCharacters = 16 << 20;

    private bool Off => !options.StoredCompletions.Enabled || !database.MayHoldSomething;

    /// <summary>A page in order, and whether there is more; it ends early where its entries are large.</summary>
    /// <param name="models">Names that an entry may have been asked for or answered by; null for all.</param>
    public async Task<(List<StoredCompletion> Rows, bool More)> ListAsync(string owner, ListQuery query, IReadOnlyList<string>? models, CancellationToken cancellation) => await AskAsync(([], false), async db =>
    {
        var rows = Live(db, owner).AsNoTracking();
        if (models is not null) rows = rows.Where(row => models.Contains(row.Model) || models.Contains(row.AnsweredModel));
        foreach (var (key, value) in query.Metadata) rows = rows.Where(row => row.Metadata.Any(pair => pair.Key == key && pair.Value == value));
        if (query.After is { } after)
        {
            var at = await db.StoredCompletions.Where(row => row.Id == after && row.Owner == owner).Select(row => new { row.Created, row.Number }).FirstOrDefaultAsync(cancellation) ?? throw new ProblemException(Problems.NoSuchEntry(after));
            rows = query.Descending
                ? rows.Where(row => row.Created < at.Created || (row.Created == at.Created && row.Number < at.Number))
                : rows.Where(row => row.Created > at.Created || (row.Created == at.Created && row.Number > at.Number));
        }

        rows = query.Descending ? rows.OrderByDescending(row => row.Created).ThenByDescending(row => row.Number) : rows.OrderBy(row => row.Created).ThenBy(row => row.Number);
        var page = new List<StoredCompletion>();
        var characters = 0L;
        await foreach (var row in rows.Take(query.Limit + 1).Include(row => row.Metadata).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            characters += row.Answer.Length;
            if (page.Count == query.Limit || (page.Count > 0 && characters > MaxPageCharacters)) return (page, true);
            page.Add(row);
        }

        return (page, false);
    }, cancellation);

    /// <summary>One, or null.</summary>
    public async Task<StoredCompletion?> FindAsync(string owner, string id, CancellationToken cancellation) => await AskAsync(
        null, db => Live(db, owner).AsNoTracking().Include(row => row.Metadata).FirstOrDefaultAsync(row => row.Id == id, cancellation), cancellation);

    /// <summary>Replaces the metadata and gives the entry as it is then, or null where there is none.</summary>
    public async Task<StoredCompletion?> UpdateAsync(string owner, string id, Dictionary<string, string> metadata, CancellationToken cancellation) => await AskAsync(null, async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Changes nothing and takes the row's lock, so that two updates do not mix.
        if (await Live(db, owner).Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.DeletedAt, (long?)null), cancellation) == 0) return null;
        var row = await Live(db, owner).AsNoTracking().FirstAsync(row => row.Id == id, cancellation);
        await db.StoredMetadata.Where(pair => pair.Number == row.Number).ExecuteDeleteAsync(cancellation);
        row.Metadata.AddRange(metadata.Select(pair => new StoredMetadata { Number = row.Number, Key = pair.Key, Value = pair.Value }));
        db.StoredMetadata.AddRange(row.Metadata);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return row;
    }, cancellation);

    /// <summary>Whether there was one.</summary>
    public async Task<bool> DeleteAsync(string owner, string id, CancellationToken cancellation) => await AskAsync(false, async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var found = await Live(db, owner).Where(row => row.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.DeletedAt, now).SetProperty(row => row.Answer, "{}").SetProperty(row => row.Messages, "[]"), cancellation);
        await db.StoredMetadata.Where(pair => db.StoredCompletions.Any(row => row.Number == pair.Number && row.Id == id && row.Owner == owner)).ExecuteDeleteAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return found > 0;
    }, cancellation);

    private IQueryable<StoredCompletion> Live(GatewayDb db, string owner)
    {
        var oldest = Retention.Oldest(time.GetUtcNow(), options.StoredCompletions.KeepFor);
        return db.StoredCompletions.Where(row => row.Owner == owner && row.DeletedAt == null && row.StoredAt >= oldest);
    }

    private async Task<T> AskAsync<T>(T nothing, Func<GatewayDb, Task<T>> ask, CancellationToken cancellation)
    {
        if (!options.StoredCompletions.Enabled) return nothing;
        await queue.SettleAsync(cancellation);
        return Off ? nothing : await database.UseAsync(ask, cancellation);
    }
}
