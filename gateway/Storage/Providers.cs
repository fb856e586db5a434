using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Gateway.Storage;

/// <summary>The two databases and what each wants to be told. The only file, beside the migrations, that names a driver.</summary>
internal static class Providers
{
    private const int BusySeconds = 5;
    private const int BusySecondsForMigrations = 30; // another process may be at the same ones

    public static DbContextOptions<GatewayDb> Options(DatabaseAddress address)
    {
        var options = new DbContextOptionsBuilder<GatewayDb>();
        if (address.IsPostgres) return options.UseNpgsql(address.Text).Options;
        var sqlite = new SqliteConnectionStringBuilder(address.Text);
        return options.UseSqlite(address.Text).AddInterceptors(new BusyTimeout(sqlite.ShouldSerialize("Default Timeout") ? sqlite.DefaultTimeout : BusySeconds)).Options;
    }

    /// <summary>Lets the driver itself read a connection string.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static void Check(DatabaseAddress address)
    {
        DbConnectionStringBuilder _ = address.IsPostgres ? new NpgsqlConnectionStringBuilder(address.Text) : new SqliteConnectionStringBuilder(address.Text);
    }

    /// <summary>Closes connections that wait for use: a file that could not be opened may be another one next time.</summary>
    public static void Forget(DatabaseAddress address)
    {
        if (address.IsPostgres) return;
        using var connection = new SqliteConnection(address.Text);
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>Where another process writes, waits for longer than others do, and no less long than the settings say (0: for ever). The connection is open.</summary>
    public static void WaitForMigrations(DbConnection connection)
    {
        if (connection is SqliteConnection { DefaultTimeout: > 0 and < BusySecondsForMigrations } sqlite) sqlite.DefaultTimeout = BusySecondsForMigrations;
    }

    /// <summary>Whether it is for want of room that a statement failed.</summary>
    public static bool IsFull(Exception failure) => failure is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL } or PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    /// <summary>SQLite's own waiting for a lock, because the driver's takes 150 ms a try; and the driver's is over when that one is.</summary>
    private sealed class BusyTimeout(int seconds) : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Set(connection);
            return Task.CompletedTask;
        }

        private void Set(DbConnection connection)
        {
            ((SqliteConnection)connection).DefaultTimeout = seconds;
            using var command = connection.CreateCommand();
            command.CommandText = FormattableString.Invariant($"PRAGMA busy_timeout = {seconds * 1_000}");
            command.ExecuteNonQuery();
        }
    }
}
