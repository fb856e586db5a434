using System.Data.Common;
using Gateway.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Database = Gateway.Storage.Database;

namespace Gateway.Usage;

/// <summary>The table, by statements of its own: the object mapper follows changes of each row, which is what tens of thousands a second cannot pay.</summary>
internal sealed class UsageStore(Database database) : IDisposable
{
    private const int RowsAtOnce = 32; // some 0.3 ms of SQLite
    private const int RowsToCommit = 256; // what follows a commit of more holds the core for longer than a call should wait
    private const int RowsToHurry = 2_000; // of a batch; fewer are written within half of the time until the next

    private readonly DedicatedThread writer = new("Usage writer");

    /// <summary>Whether it makes sense to ask.</summary>
    public bool MayHoldSomething => database.MayHoldSomething;

    /// <summary>Writes all; where it fails, some may be written, and writing them again changes nothing.</summary>
    /// <param name="rows">May hold a call more than once.</param>
    /// <param name="owner">The process that lives, where it has calls that run.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task WriteAsync(IReadOnlyList<UsageRow> rows, string? owner, CancellationToken cancellation)
    {
        await using var db = await database.OpenAsync(cancellation);
        if (db.Database.IsSqlite())
        {
            await writer.RunAsync(() => WriteEach(db, rows, owner));
            return;
        }

        await InTransactionAsync(db, async work =>
        {
            await WriteManyAsync(work, Once(rows), cancellation);
            return owner is null ? 0 : await work.RunAsync(UsageSql.Beat, cancellation, ("owner", owner));
        }, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    /// <summary>Processes with calls that run, and how far their numbers have grown.</summary>
    public async Task<List<UsageOwner>> OwnersAsync(CancellationToken cancellation) =>
        await ReadAsync(UsageSql.Owners, [], static row => new UsageOwner { Id = row.GetString(0), Beat = row.GetInt64(1) }, cancellation);

    /// <summary>A process is gone: its calls keep the tokens that they had.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> InterruptAsync(string owner, CancellationToken cancellation) => WorkAsync(async work =>
    {
        var closed = await work.RunAsync(UsageSql.Interrupt, cancellation, ("owner", owner));
        await work.RunAsync(UsageSql.Forget, cancellation, ("owner", owner));
        return closed;
    }, cancellation);

    /// <summary>Deletes some of what began before.</summary>
    /// <returns>How many.</returns>
    public Task<int> SweepAsync(long oldest, int most, CancellationToken cancellation) => WorkAsync(async work =>
    {
        var gone = await work.RunAsync(UsageSql.Sweep, cancellation, ("oldest", oldest), ("most", most));
        await work.RunAsync(UsageSql.ForgetIdle, cancellation);
        return gone;
    }, cancellation);

    /// <summary>Asks.</summary>
    public async Task<List<T>> ReadAsync<T>(string sql, IReadOnlyList<(string Name, object Value)> parameters, Func<DbDataReader, T> of, CancellationToken cancellation)
    {
        await using var db = await database.OpenAsync(cancellation);
        await db.Database.OpenConnectionAsync(cancellation);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) Work.Add(command, name, value);
        var all = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) all.Add(of(reader));
        return all;
    }

    private async Task<int> WorkAsync(Func<Work, Task<int>> what, CancellationToken cancellation)
    {
        await using var db = await database.OpenAsync(cancellation);
        if (!db.Database.IsSqlite()) return await InTransactionAsync(db, what, cancellation);
        var done = 0;
        await writer.RunAsync(() => done = InTransactionAsync(db, what, cancellation).GetAwaiter().GetResult()); // there each step is over when it returns
        return done;
    }

    private static async Task<int> InTransactionAsync(GatewayDb db, Func<Work, Task<int>> what, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var rows = await what(new Work(db, transaction));
        await transaction.CommitAsync(cancellation);
        return rows;
    }

    // Commits of many rows are few, for each waits for the disk.
    private static void WriteEach(GatewayDb db, IReadOnlyList<UsageRow> rows, string? owner)
    {
        db.Database.OpenConnection();
        using var statement = new SqliteStatement(db.Database.GetDbConnection(), UsageSql.One);
        var each = Math.Max(RowsToCommit, rows.Count / 8);
        for (var at = 0; at == 0 || at < rows.Count; at += each) WriteEach(db, statement, rows, at, Math.Min(rows.Count, at + each), at + each >= rows.Count ? owner : null);
    }

    private static void WriteEach(GatewayDb db, SqliteStatement statement, IReadOnlyList<UsageRow> rows, int from, int to, string? owner)
    {
        using var transaction = db.Database.BeginTransaction();
        for (var at = from; at < to; at++)
        {
            if (at > 0 && at % RowsAtOnce == 0) DedicatedThread.GiveWay(hurries: rows.Count > RowsToHurry);
            Write(statement, rows[at]);
        }

        if (owner is not null)
        {
            using var beat = new Work(db, transaction).Command(UsageSql.Beat);
            Work.Add(beat, "owner", owner);
            beat.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static void Write(SqliteStatement statement, UsageRow row)
    {
        for (var i = 0; i < UsageColumn.All.Length; i++)
        {
            var column = UsageColumn.All[i];
            if (column.TextOf is { } text) statement.Bind(i + 1, text(row));
            else statement.Bind(i + 1, column.NumberOf!(row));
        }

        statement.Run();
    }

    private static async Task WriteManyAsync(Work work, IReadOnlyList<UsageRow> rows, CancellationToken cancellation)
    {
        await using var command = work.Command(UsageSql.Many);
        foreach (var column in UsageColumn.All)
            Work.Add(command, column.Name, column.TextOf is { } text ? rows.Select(text).ToArray() : rows.Select(column.NumberOf!).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    // One statement may not meet a row twice there. In one order, so that two processes that write the same calls do not wait for each other.
    private static List<UsageRow> Once(IReadOnlyList<UsageRow> rows) =>
        [.. rows.GroupBy(static row => row.Id, StringComparer.Ordinal).Select(static same => same.MaxBy(static row => (row.Stage, row.DurationMs))!).OrderBy(static row => row.Id, StringComparer.Ordinal)];

    private sealed record Work(GatewayDb Db, IDbContextTransaction Transaction)
    {
        public static DbParameter Add(DbCommand command, string name, object value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("@" + name, value);
            command.Parameters.Add(parameter);
            return parameter;
        }

        public DbCommand Command(string sql)
        {
            var command = Db.Database.GetDbConnection().CreateCommand();
            (command.CommandText, command.Transaction) = (sql, Transaction.GetDbTransaction());
            return command;
        }

        public async Task<int> RunAsync(string sql, CancellationToken cancellation, params (string Name, object Value)[] parameters)
        {
            await using var command = Command(sql);
            foreach (var (name, value) in parameters) Add(command, name, value);
            return await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
