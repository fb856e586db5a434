using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.Storage;

/// <summary>
/// Applies what a database lacks, all of it or nothing, in one transaction under a lock that ends with it: SQLite's write lock, an
/// advisory lock on PostgreSQL. The framework's own runner leaves a row for a lock in SQLite, which a killed process leaves for good.
/// </summary>
internal static class MigrationRun
{
    private const long AdvisoryLock = 0x67_61_74_65_77_61_79; // "gateway"

    /// <returns>How many were applied.</returns>
    public static async Task<int> RunAsync(GatewayDb db, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        Providers.WaitForMigrations(db.Database.GetDbConnection());
        // Kept in the file: readers and a writer do not wait for each other.
        if (db.Database.IsSqlite()) await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (db.Database.IsNpgsql()) await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock})", cancellation);

        var history = db.GetService<IHistoryRepository>();
        await db.Database.ExecuteSqlRawAsync(history.GetCreateIfNotExistsScript(), cancellation);
        var applied = (await history.GetAppliedMigrationsAsync(cancellation)).Select(row => row.MigrationId).ToHashSet(StringComparer.Ordinal);
        var known = db.GetService<IMigrationsAssembly>();
        if (applied.FirstOrDefault(id => !known.Migrations.ContainsKey(id)) is { } newer)
            throw new InvalidOperationException($"the database was written by a newer version: this one does not know its migration {newer}");

        var missing = known.Migrations.Where(migration => !applied.Contains(migration.Key)).OrderBy(migration => migration.Key, StringComparer.Ordinal).ToList();
        foreach (var (id, type) in missing)
        {
            var operations = known.CreateMigration(type, db.Database.ProviderName!).UpOperations;
            await db.GetService<IMigrationCommandExecutor>().ExecuteNonQueryAsync(db.GetService<IMigrationsSqlGenerator>().Generate(operations), db.GetService<IRelationalConnection>(), cancellation);
            await db.Database.ExecuteSqlRawAsync(history.GetInsertScript(new HistoryRow(id, ProductInfo.GetVersion())), cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return missing.Count;
    }
}
