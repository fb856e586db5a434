using Gateway.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.Tests.Faults.Storage;

/// <summary>Databases as tests want them.</summary>
internal static class Databases
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Brings one as far as an older version did.</summary>
    public static async Task MakeOlderAsync(string text, params string[] migrations)
    {
        await using var db = Open(text);
        await db.Database.OpenConnectionAsync(Cancellation);
        var history = db.GetService<IHistoryRepository>();
        await db.Database.ExecuteSqlRawAsync(history.GetCreateIfNotExistsScript(), Cancellation);
        var known = db.GetService<IMigrationsAssembly>();
        foreach (var id in migrations)
        {
            var operations = known.CreateMigration(known.Migrations[id], db.Database.ProviderName!).UpOperations;
            await db.GetService<IMigrationCommandExecutor>().ExecuteNonQueryAsync(db.GetService<IMigrationsSqlGenerator>().Generate(operations), db.GetService<IRelationalConnection>(), Cancellation);
            await db.Database.ExecuteSqlRawAsync(history.GetInsertScript(new HistoryRow(id, "0.1")), Cancellation);
        }
    }

    /// <summary>Which migrations it says were applied, in order.</summary>
    public static async Task<List<string>> AppliedAsync(string text)
    {
        await using var db = Open(text);
        return await db.Database.SqlQueryRaw<string>("""SELECT "MigrationId" AS "Value" FROM "__EFMigrationsHistory" """).OrderBy(id => id).ToListAsync(Cancellation);
    }

    /// <summary>All that this version knows.</summary>
    public static IReadOnlyList<string> Known(string text)
    {
        using var db = Open(text);
        return [.. db.Database.GetMigrations().Order(StringComparer.Ordinal)];
    }

    /// <summary>Runs a statement.</summary>
    public static async Task RunAsync(string text, string sql)
    {
        await using var db = Open(text);
        await db.Database.ExecuteSqlRawAsync(sql, Cancellation);
    }

    /// <summary>Asks for a number.</summary>
    public static async Task<long> CountAsync(string text, string sql)
    {
        await using var db = Open(text);
        return await db.Database.SqlQueryRaw<long>(sql).SingleAsync(Cancellation);
    }

    /// <summary>Locks a file for other writers, until the connection is closed.</summary>
    /// <param name="text">Without pooling.</param>
    public static async Task<SqliteConnection> LockedAsync(string text)
    {
        var connection = new SqliteConnection(text);
        await connection.OpenAsync(Cancellation);
        await using var begin = new SqliteCommand("BEGIN IMMEDIATE", connection);
        await begin.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private static GatewayDb Open(string text) => new(Providers.Options(DatabaseAddress.Parse(text)));
}
