using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Keys;
using Gateway.Tests.Doors;
using Gateway.Tests.Keys;
using Gateway.Tests.Storage;
using Gateway.Tests.Usage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Gateway.Tests.Faults.Storage;

/// <summary>A database server that is stopped and started again while calls come and go.</summary>
public sealed class AwayTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IAsyncLifetime
{
    private FakeUpstream upstream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => upstream = (await FakeUpstream.StartAsync()).ThenJson(200, UsageAnswers.Plain(10, 1));

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
    }

    [Fact]
    public async Task Calls_are_answered_known_keys_stay_good_and_every_row_is_there_once_after_the_server_was_stopped_and_started()
    {
        var database = (await cluster.NewAsync()).Replace("Pooling=false", "Maximum Pool Size=10", StringComparison.Ordinal); // connections that wait for use die too
        using var spills = new TemporaryFolder();
        await using var door = await UsageDoor.OpenAsync(database, upstream, arguments: "--Gateway:Usage:SpillFolder=" + spills.Path);
        var made = await KeyAsync(door, HttpStatusCode.OK);
        var key = (string)made["key"]!;
        await door.Services.GetRequiredService<KeyFeed>().PollAsync(Cancellation); // hears of the change that it made itself
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        var ids = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => CallAsync(door, key, ids, stop.Token)).ToList();
        await Eventually.TrueAsync(() => ids.Count >= 40);

        await cluster.StopAsync();

        var then = ids.Count;
        await Eventually.TrueAsync(() => ids.Count >= then + 100 && Directory.EnumerateFiles(spills.Path).Any());
        ((string?)(await KeyAsync(door, HttpStatusCode.ServiceUnavailable))["error"]!["code"]).ShouldBe("database_unavailable");
        (await door.StatusAsync("sk-nobody's")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        await cluster.StartAsync();
        then = ids.Count;
        await Eventually.TrueAsync(() => ids.Count >= then + 40);
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        (await door.StatusAsync((string)(await KeyAsync(door, HttpStatusCode.OK))["key"]!)).ShouldBe(HttpStatusCode.OK);
        var all = ids.Count + 2; // and the first, and the last
        await Eventually.TrueAsync(async () => (await SumsAsync(door)).Calls >= all);
        (await SumsAsync(door)).ShouldBe((all, 10L * all, all));
        await Eventually.TrueAsync(() => !Directory.EnumerateFiles(spills.Path).Any());
        var kept = await Databases.CountAsync(database, $"SELECT COUNT(*) AS \"Value\" FROM usage WHERE request_id IN ({string.Join(',', ids.Select(id => $"'{id}'"))})");
        kept.ShouldBe(ids.Count);
    }

    private static async Task CallAsync(Door door, string key, ConcurrentBag<string> ids, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var answer = await door.ChatAsync(key, "m");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            ids.Add(answer.Headers.GetValues("x-request-id").Single());
        }
    }

    private static async Task<JsonNode> KeyAsync(Door door, HttpStatusCode expected)
    {
        using var answer = await door.AskAsync(HttpMethod.Post, "admin/v1/keys", UsageDoor.Admin, """{"name":"stored"}""");
        return await answer.JsonAsync(expected);
    }

    private static async Task<(long Calls, long Prompt, long Completion)> SumsAsync(Door door)
    {
        var sums = (await door.AskAsync("admin/v1/usage?group_by=model"))["data"]!.AsArray();
        return sums is [{ } row] ? ((long)row["calls"]!, (long)row["prompt_tokens"]!, (long)row["completion_tokens"]!) : (0, 0, 0);
    }
}
