using System.Net;
using System.Text.Json.Nodes;
using Gateway.Tests.Faults.Storage;
using Gateway.Tests.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gateway.Tests.StoredCompletions;

/// <summary>What a version before there were keys stored, in a gateway of today.</summary>
public sealed class UpgradeTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        NpgsqlConnection.ClearAllPools();
        folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_without_an_owner_are_those_of_callers_without_a_key_and_nothing_of_them_is_lost(bool postgres)
    {
        var database = postgres ? await cluster.NewAsync() : $"Data Source={folder.File("older.db")}";
        await Databases.MakeOlderAsync(database, "20261127_StoredCompletions");
        await Databases.RunAsync(database, """
            INSERT INTO stored_completions (id, model, answered_model, created, stored_at, answer, messages) VALUES
                ('chatcmpl-1', 'tiny', 'tiny', 5, 4102444800, '{{"id":"chatcmpl-1","object":"chat.completion","created":5,"model":"tiny","choices":[],"temperature":1.50}}', '[{{"role":"user","content":"hé"}}]'),
                ('chatcmpl-2', 'tiny', 'tiny', 6, 4102444800, '{{"id":"chatcmpl-2","object":"chat.completion","created":6,"model":"tiny","choices":[]}}', '[]')
            """);
        await Databases.RunAsync(database, "INSERT INTO stored_metadata (number, key, value) SELECT number, 'topic', 'old' FROM stored_completions WHERE id = 'chatcmpl-1'");
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, """{"id":"chatcmpl-3","object":"chat.completion","created":7,"model":"tiny","choices":[]}""");
        await using var gateway = await StoringGateway.StartAsync(upstream, database);

        (await gateway.GetAsync("completions"))["data"]!.AsArray().Select(row => (string?)row!["id"]).ShouldBe(["chatcmpl-1", "chatcmpl-2"]);
        var one = await gateway.GetAsync("completions/chatcmpl-1");
        (one["temperature"]!.ToJsonString(), (string?)one["metadata"]!["topic"]).ShouldBe(("1.50", "old"));
        ((string?)(await gateway.GetAsync("completions/chatcmpl-1/messages"))["data"]![0]!["content"]).ShouldBe("hé");
        (await gateway.GetAsync("completions?metadata[topic]=old"))["data"]!.AsArray().Count.ShouldBe(1);
        await gateway.AskAsync(HttpMethod.Delete, "completions/chatcmpl-2");
        await gateway.GetAsync("completions/chatcmpl-2", HttpStatusCode.NotFound);
        await gateway.ChatAsync(""","store":true""");
        await Doors.Eventually.TrueAsync(async () => (await gateway.GetAsync("completions"))["data"]!.AsArray().Count == 2);

        (await Databases.AppliedAsync(database)).ShouldBe(Databases.Known(database));
        (await Databases.CountAsync(database, "SELECT COUNT(*) AS \"Value\" FROM stored_completions WHERE owner <> 'anonymous'")).ShouldBe(0);
    }
}
