using System.Text.Json;
using Gateway.Admin.Audit;
using Gateway.Configuration;
using Gateway.Policies;
using Gateway.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Keys.Stored;

/// <summary>The keys of the database. A change, its number and who made it are one transaction.</summary>
internal sealed class KeyStore(Database database, KeyFeed feed, TimeProvider time)
{
    // Not static: a compiled query is of one provider.
    private readonly Func<GatewayDb, string, CancellationToken, Task<Opened?>> byHash = EF.CompileAsyncQuery((GatewayDb db, string hash, CancellationToken cancellation) => (
        from secret in db.KeySecrets
        join key in db.Keys on secret.KeyId equals key.Id
        where secret.Hash == hash
        select new Opened(key.Id, key.Name, key.Team, key.Scopes, key.Models, key.Limits, key.Disabled || key.Deleted != null, key.Expires, secret.Expires)).FirstOrDefault());

    /// <summary>Whose a hash is and until when; null for nobody's, and for one that is disabled.</summary>
    public async Task<KnownKey?> FindAsync(KeyHash hash, GatewayOptions options, CancellationToken cancellation)
    {
        if (!database.MayHoldSomething) return null;
        var found = await database.UseAsync(db => byHash(db, hash.ToString(), cancellation), cancellation);
        return found is null or { Over: true } ? null : new KnownKey(CallerOf(found, options), Sooner(found.Expires, found.SecretExpires));
    }

    /// <summary>A page in order of making, and whether there is more.</summary>
    public async Task<(List<StoredKey> Rows, bool More)> ListAsync(KeyQuery query, CancellationToken cancellation)
    {
        if (!database.MayHoldSomething) return ([], false);
        var rows = await database.UseAsync(db =>
        {
            var all = db.Keys.AsNoTracking().Where(row => row.Deleted == null);
            if (query.Team is { } team) all = all.Where(row => row.Team == team);
            if (query.Name is { } name) all = all.Where(row => row.Name == name);
#pragma warning disable CA1309 // the database compares
            if (query.After is { } after) all = query.Descending ? all.Where(row => string.Compare(row.Id, after) < 0) : all.Where(row => string.Compare(row.Id, after) > 0);
#pragma warning restore CA1309
            return (query.Descending ? all.OrderByDescending(row => row.Id) : all.OrderBy(row => row.Id)).Take(query.Limit + 1).ToListAsync(cancellation);
        }, cancellation);
        var more = rows.Count > query.Limit;
        if (more) rows.RemoveAt(query.Limit);
        return (rows, more);
    }

    /// <summary>One, or null.</summary>
    public async Task<StoredKey?> GetAsync(string id, CancellationToken cancellation) => !database.MayHoldSomething ? null
        : await database.UseAsync(db => db.Keys.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.Deleted == null, cancellation), cancellation);

    /// <summary>Makes one; its secret is known to the caller from now on, and to nobody else.</summary>
    public async Task<(StoredKey Row, string Secret)> CreateAsync(KeyDraft draft, Author author, CancellationToken cancellation)
    {
        var secret = NewSecret.Make();
        var row = new StoredKey { Id = KeyIds.New(), Name = "", Prefix = NewSecret.PrefixOf(secret), Scopes = "", Models = "", Limits = "", Created = Now };
        draft.WriteTo(row);
        await ChangeAsync(row.Id, db =>
        {
            db.Keys.Add(row);
            db.KeySecrets.Add(new StoredSecret { Hash = KeyHash.Of(secret).ToString(), KeyId = row.Id });
            return Task.FromResult<StoredKey?>(row);
        }, "key.create", author, cancellation, isNew: true);
        return (row, secret);
    }

    /// <summary>Changes one and gives it as it is then; null where there is none.</summary>
    /// <param name="change">Of what it is; what it throws leaves everything as it was.</param>
    public Task<StoredKey?> UpdateAsync(string id, Action<KeyDraft> change, Author author, CancellationToken cancellation) => ChangeAsync(id, async db =>
    {
        if (await LiveAsync(db, id, cancellation) is not { } row) return null;
        var draft = KeyDraft.Of(row);
        change(draft);
        draft.WriteTo(row);
        return row;
    }, "key.update", author, cancellation);

    /// <summary>Another secret; those before it go on for the grace, or as long as they would have.</summary>
    public async Task<(StoredKey Row, string Secret)?> RotateAsync(string id, TimeSpan grace, Author author, CancellationToken cancellation)
    {
        var secret = NewSecret.Make();
        var row = await ChangeAsync(id, async db =>
        {
            if (await LiveAsync(db, id, cancellation) is not { } row) return null;
            var end = Now + (long)grace.TotalMilliseconds;
            foreach (var older in await db.KeySecrets.Where(older => older.KeyId == id).ToListAsync(cancellation))
                if (older.Expires is not { } already || already > end) older.Expires = end;
            await db.KeySecrets.Where(older => older.KeyId == id && older.Expires < Now).ExecuteDeleteAsync(cancellation);
            db.KeySecrets.Add(new StoredSecret { Hash = KeyHash.Of(secret).ToString(), KeyId = id });
            row.Prefix = NewSecret.PrefixOf(secret);
            return row;
        }, "key.rotate", author, cancellation);
        return row is null ? null : (row, secret);
    }

    /// <summary>Whether there was one. Its name stays, for what it used; what opened it does not.</summary>
    public async Task<bool> DeleteAsync(string id, Author author, CancellationToken cancellation) => await ChangeAsync(id, async db =>
    {
        if (await LiveAsync(db, id, cancellation) is not { } row) return null;
        await db.KeySecrets.Where(secret => secret.KeyId == id).ExecuteDeleteAsync(cancellation);
        row.Deleted = Now;
        return row;
    }, "key.delete", author, cancellation) is not null;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static Task<StoredKey?> LiveAsync(GatewayDb db, string id, CancellationToken cancellation) => db.Keys.FirstOrDefaultAsync(row => row.Id == id && row.Deleted == null, cancellation);

    private async Task<StoredKey?> ChangeAsync(string id, Func<GatewayDb, Task<StoredKey?>> change, string what, Author author, CancellationToken cancellation, bool isNew = false)
    {
        if (!isNew && !database.MayHoldSomething) return null;
        var changed = await database.UseAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            // The row's lock comes first: changes of keys go one by one, and their numbers in order.
            await db.KeyChanges.ExecuteUpdateAsync(set => set.SetProperty(row => row.Number, row => row.Number + 1), cancellation);
            var before = isNew ? null : await db.Keys.AsNoTracking().Where(row => row.Id == id && row.Deleted == null).FirstOrDefaultAsync(cancellation);
            if (await change(db) is not { } row) return null;
            row.Changed = await db.KeyChanges.Select(changes => changes.Number).SingleAsync(cancellation);
            db.Audit.Add(new AuditEntry
            {
                At = Now,
                Who = author.Who,
                What = what,
                Target = id,
                Address = author.Address,
                RequestId = author.RequestId,
                Before = before is null ? null : Shown(before),
                After = row.Deleted is null ? Shown(row) : null,
            });
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return row;
        }, cancellation);
        if (changed is not null) feed.Note(id);
        return changed;
    }

    private static string Shown(StoredKey row) => JsonSerializer.Serialize(KeyEntry.Of(row), KeysJson.Default.KeyEntry);

    private static DateTimeOffset? Sooner(long? a, long? b) => Math.Min(a ?? long.MaxValue, b ?? long.MaxValue) is var end && end == long.MaxValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(end);

    private static Caller CallerOf(Opened key, GatewayOptions options) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Team = key.Team,
        Scopes = ScopeNames.Parse(key.Scopes.Split(' ')),
        Models = key.Models.Split('\n'),
        Limits = KeyDraft.LimitsOf(key.Limits),
        TeamLimits = key.Team is null ? CallerLimits.None : options.Teams.GetValueOrDefault(key.Team, CallerLimits.None),
    };

    private sealed record Opened(string Id, string Name, string? Team, string Scopes, string Models, string Limits, bool Over, long? Expires, long? SecretExpires);
}
