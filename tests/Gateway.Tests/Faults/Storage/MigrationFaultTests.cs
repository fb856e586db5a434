using System.Net;
using System.Text.Json;
using Gateway.Tests.Doors;
using Gateway.Tests.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gateway.Tests.Faults.Storage;

/// <summary>Gateways that are processes of their own, one of which is killed while it brings a database up to date.</summary>
public sealed class MigrationFaultTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private const string Older = "20261127_StoredCompletions";
    private const int Rows = 300_000; // so that an index takes a while
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        NpgsqlConnection.ClearAllPools();
        folder.Dispose();
    }

    private Task<GatewayProcess> StartAsync(string database)
    {
        var settings = folder.File($"{Guid.NewGuid():N}.json");
        File.WriteAllText(settings, JsonSerializer.Serialize(new { Gateway = new { EmbeddedModel = false, ModelsFolder = folder.Path, Database = database, AdminKey = "the-admin-key" } }));
        return GatewayProcess.StartAsync("--config", settings);
    }

    private static async Task<HttpStatusCode> KeysAsync(GatewayProcess gateway)
    {
        using var client = new HttpClient { BaseAddress = gateway.Address, DefaultRequestHeaders = { Authorization = new("Bearer", "the-admin-key") } };
        using var answer = await client.GetAsync("admin/v1/keys", Cancellation);
        return answer.StatusCode;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_gateway_killed_while_it_brings_a_file_up_to_date_leaves_it_as_it_was_and_the_next_ends_it(int replicas)
    {
        var older = $"Data Source={folder.File("older.db")};Pooling=false";
        await Databases.MakeOlderAsync(older, Older);
        await Databases.RunAsync(older, $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows})
            INSERT INTO stored_completions (id, model, answered_model, created, stored_at, answer, messages) SELECT 'chatcmpl-' || i, 'm', 'm', i, i, '', '' FROM n
            """);
        var interrupted = false;
        for (var tries = 0; tries < 5 && !interrupted; tries++)
        {
            var database = $"Data Source={folder.File($"{tries}.db")};Pooling=false";
            File.Copy(folder.File("older.db"), folder.File($"{tries}.db"));
            List<GatewayProcess> gateways = [];
            try
            {
                await using (var held = await Databases.LockedAsync(database)) // until all are there
                    for (var replica = 0; replica < replicas; replica++) gateways.Add(await StartAsync(database));
                while (!await IsLockedAsync(database)) await Task.Yield();
                gateways[0].Process.Kill();
                await gateways[0].Process.WaitForExitAsync(Cancellation);
                interrupted = replicas > 1 || (await Databases.AppliedAsync(database)).Count == 1;
                if (replicas == 1) gateways.Add(await StartAsync(database));

                await Eventually.TrueAsync(async () => await KeysAsync(gateways[1]) == HttpStatusCode.OK);

                (await Databases.AppliedAsync(database)).ShouldBe(Databases.Known(database));
                (await Databases.CountAsync(database, "SELECT COUNT(*) AS \"Value\" FROM stored_completions WHERE owner = 'anonymous'")).ShouldBe(Rows);
                (await Databases.CountAsync(database, "SELECT COUNT(*) AS \"Value\" FROM key_changes")).ShouldBe(1);
                (await Databases.CountAsync(database, "SELECT COUNT(*) AS \"Value\" FROM pragma_integrity_check WHERE integrity_check = 'ok'")).ShouldBe(1);
            }
            finally
            {
                foreach (var gateway in gateways) await gateway.DisposeAsync();
            }
        }

        interrupted.ShouldBeTrue("it was never in the middle of it");
    }

    [Fact]
    public async Task Of_two_gateways_that_open_a_new_server_database_one_is_killed_in_the_middle_and_the_other_does_all_of_it_once()
    {
        const int Halt = 42;
        var database = await cluster.NewAsync();
        await Databases.RunAsync(database, $"""
            CREATE FUNCTION halt() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared({Halt}); END $$;
            CREATE EVENT TRIGGER halt ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION halt();
            """);
        await using var halting = new NpgsqlConnection(database);
        await halting.OpenAsync(Cancellation);
        await using (var hold = new NpgsqlCommand($"SELECT pg_advisory_lock({Halt})", halting)) await hold.ExecuteNonQueryAsync(Cancellation);
        await using var first = await StartAsync(database);
        await Eventually.TrueAsync(async () => await Databases.CountAsync(database, $"SELECT COUNT(*) AS \"Value\" FROM pg_locks WHERE locktype = 'advisory' AND objid = {Halt} AND NOT granted") == 1);
        await using var second = await StartAsync(database);
        await Eventually.TrueAsync(async () => await Databases.CountAsync(database, $"SELECT COUNT(*) AS \"Value\" FROM pg_locks WHERE locktype = 'advisory' AND objid <> {Halt} AND NOT granted") == 1);

        first.Process.Kill();
        await first.Process.WaitForExitAsync(Cancellation);
        await using (var release = new NpgsqlCommand($"SELECT pg_advisory_unlock({Halt})", halting)) await release.ExecuteNonQueryAsync(Cancellation);

        await Eventually.TrueAsync(async () => await KeysAsync(second) == HttpStatusCode.OK);
        (await Databases.AppliedAsync(database)).ShouldBe(Databases.Known(database));
        (await Databases.CountAsync(database, "SELECT COUNT(*) AS \"Value\" FROM key_changes")).ShouldBe(1);
        await using var third = await StartAsync(database);
        (await KeysAsync(third)).ShouldBe(HttpStatusCode.OK);
        second.Log.ShouldContain($"The database was brought up to date: {Databases.Known(database).Count} migrations");
        third.Log.ShouldNotContain("brought up to date");
    }

    // Without waiting for it: nobody but a gateway that brings it up to date writes there.
    private static async Task<bool> IsLockedAsync(string database)
    {
        await using var connection = new SqliteConnection(database);
        await connection.OpenAsync(Cancellation);
        await using var quickly = new SqliteCommand("PRAGMA busy_timeout = 0", connection);
        await quickly.ExecuteNonQueryAsync(Cancellation);
        return SQLitePCL.raw.sqlite3_exec(connection.Handle!, "BEGIN IMMEDIATE; ROLLBACK") == SQLitePCL.raw.SQLITE_BUSY;
    }
}
