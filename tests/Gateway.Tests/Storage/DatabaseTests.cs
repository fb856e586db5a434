using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Storage;

public sealed class DatabaseTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    private static Database At(string text) => new(new GatewayOptions { Database = text }, NullLogger<Database>.Instance);

    private string Sqlite(string name) => $"Data Source={folder.File(name)}";

    /// <summary>A name for each column, its type and whether it may be null, and for each index its columns.</summary>
    private static async Task<List<string>> ShapeAsync(DbContext db) => await db.Database.SqlQueryRaw<string>(db.Database.IsSqlite()
        ? """
          SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk AS "Value" FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\_\_EF%' ESCAPE '\'
          UNION ALL SELECT m.name || ' ' || l."unique" || ' ' || group_concat(i.name) FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i WHERE m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\_\_EF%' ESCAPE '\' AND m.type = 'table' GROUP BY m.name, l.name
          """
        : """
          SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || is_identity AS "Value" FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\_\_EF%'
          UNION ALL SELECT regexp_replace(indexdef, 'INDEX \S+ ON', 'INDEX ON') FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\_\_EF%'
          """).ToListAsync(Cancellation);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_migrations_make_what_the_model_says(bool postgres)
    {
        await using var migrated = await At(postgres ? await cluster.NewAsync() : Sqlite("a.db")).OpenAsync(Cancellation);
        await using var created = new GatewayDb(Providers.Options(DatabaseAddress.Parse(postgres ? await cluster.NewAsync() : Sqlite("b.db"))));
        await created.Database.EnsureCreatedAsync(Cancellation);

        var shape = await ShapeAsync(migrated);

        shape.Count.ShouldBeGreaterThan(40);
        shape.Order().ShouldBe((await ShapeAsync(created)).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_that_open_a_new_database_at_once_bring_it_up_to_date_once(bool postgres)
    {
        var text = postgres ? await cluster.NewAsync() : Sqlite("a.db");

        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var db = new GatewayDb(Providers.Options(DatabaseAddress.Parse(text)));
            return await MigrationRun.RunAsync(db, Cancellation);
        })));

        counts.Count(count => count > 0).ShouldBe(1);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        await using (var db = await At(Sqlite("a.db")).OpenAsync(Cancellation))
            await db.Database.ExecuteSqlRawAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('29991231_Later', '99.0')""", Cancellation);

        (await Should.ThrowAsync<InvalidOperationException>(async () => await At(Sqlite("a.db")).OpenAsync(Cancellation))).Message.ShouldContain("29991231_Later");
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_and_is_tried_again()
    {
        await using (var connection = new SqliteConnection(Sqlite("a.db")))
        {
            await connection.OpenAsync(Cancellation);
            await using var occupy = new SqliteCommand("CREATE TABLE stored_metadata (x)", connection);
            await occupy.ExecuteNonQueryAsync(Cancellation);
            var database = At(Sqlite("a.db"));
            await Should.ThrowAsync<SqliteException>(async () => await database.OpenAsync(Cancellation));
            await using var free = new SqliteCommand("DROP TABLE stored_metadata", connection);
            await free.ExecuteNonQueryAsync(Cancellation);

            await using var db = await database.OpenAsync(Cancellation);

            (await db.StoredCompletions.CountAsync(Cancellation)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Sqlite_writes_ahead_so_that_readers_do_not_wait()
    {
        await using var db = await At(Sqlite("a.db")).OpenAsync(Cancellation);

        (await db.Database.SqlQueryRaw<string>("SELECT journal_mode AS \"Value\" FROM pragma_journal_mode").SingleAsync(Cancellation)).ShouldBe("wal");
        (await db.Database.SqlQueryRaw<long>("SELECT timeout AS \"Value\" FROM pragma_busy_timeout").SingleAsync(Cancellation)).ShouldBe(5_000);
        ((SqliteConnection)db.Database.GetDbConnection()).DefaultTimeout.ShouldBe(5);
    }

    [Fact]
    public async Task Who_waits_for_another_writer_of_a_file_waits_as_long_as_the_settings_say()
    {
        var database = At(Sqlite("a.db") + ";Default Timeout=1");
        await using var other = await database.OpenAsync(Cancellation);
        await using var holds = await other.Database.BeginTransactionAsync(Cancellation);
        await using var db = await database.OpenAsync(Cancellation);

        var began = Stopwatch.GetTimestamp();
        await Should.ThrowAsync<SqliteException>(() => db.Database.BeginTransactionAsync(Cancellation));
        Stopwatch.GetElapsedTime(began).TotalSeconds.ShouldBeInRange(0.9, 4.5);
    }

    [Theory]
    [InlineData("Data Source=gateway.db", false)]
    [InlineData("Filename=/a/b.db;Password=x", false)]
    [InlineData("Host=db;Database=g;Username=u;Password=p", true)]
    [InlineData("server=db", true)]
    public void A_connection_string_says_which_database_it_is_of(string text, bool postgres) => DatabaseAddress.Parse(text).IsPostgres.ShouldBe(postgres);

    [Theory]
    [InlineData("")]
    [InlineData("gateway.db")]
    [InlineData("Data Source=")]
    [InlineData("postgres://u:p4ss@host/db")]
    public void What_is_neither_is_said_without_repeating_it(string text) => Should.Throw<ArgumentException>(() => DatabaseAddress.Parse(text)).Message.ShouldNotContain("p4ss");

    [Theory]
    [InlineData("Host=db;Username=u;Password=p4ss")]
    [InlineData("Host=db;pwd=p4ss")]
    [InlineData("postgres://u:p4ss@host/db")]
    public void Secrets_are_not_shown(string text) => DatabaseAddress.Shown(text).ShouldNotContain("p4ss");

    [Fact]
    public async Task Who_stands_on_a_thread_of_its_own_goes_on_at_the_pool_also_where_the_database_is_open()
    {
        var database = At(Sqlite("a.db"));
        await (await database.OpenAsync(Cancellation)).DisposeAsync();
        var went = new TaskCompletionSource<bool>();
        var own = new Thread(() => _ = GoOnAsync());

        own.Start();

        (await went.Task.WaitAsync(Cancellation)).ShouldBeTrue();

        async Task GoOnAsync()
        {
            await using var db = await database.OpenAsync(Cancellation);
            went.SetResult(Thread.CurrentThread.IsThreadPoolThread);
        }
    }
}
