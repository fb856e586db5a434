using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Storage;

/// <summary>
/// One statement of SQLite that runs many times with other values, without the driver's objects: those look for each parameter by its name and
/// box each number, which costs more than the row. Within a transaction of its connection; one thread.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    /// <param name="connection">Open, and SQLite's.</param>
    /// <param name="sql">Its parameters are bound by their places.</param>
    public SqliteStatement(DbConnection connection, string sql)
    {
        database = ((SqliteConnection)connection).Handle!;
        Check(raw.sqlite3_prepare_v2(database, sql, out statement));
    }

    /// <summary>Binds a text, or null.</summary>
    /// <param name="place">From 1.</param>
    /// <param name="value">What the parameter is.</param>
    public void Bind(int place, string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(statement, place));
            return;
        }

        Span<byte> small = stackalloc byte[256];
        var bytes = Encoding.UTF8.TryGetBytes(value, small, out var length) ? small[..length] : Encoding.UTF8.GetBytes(value);
        Check(raw.sqlite3_bind_text(statement, place, bytes)); // copied
    }

    /// <summary>Binds a number, or null.</summary>
    public void Bind(int place, long? value) => Check(value is { } number ? raw.sqlite3_bind_int64(statement, place, number) : raw.sqlite3_bind_null(statement, place));

    /// <summary>Runs it, and is ready to run again.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run()
    {
        var result = raw.sqlite3_step(statement);
        try
        {
            if (result != raw.SQLITE_DONE) Check(result);
        }
        finally
        {
            _ = raw.sqlite3_reset(statement); // says again what the step said
        }
    }

    /// <inheritdoc/>
    public void Dispose() => statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), result & 0xFF, result);
    }
}
