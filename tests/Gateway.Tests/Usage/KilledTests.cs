using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Tests.Doors;
using Gateway.Tests.Storage;

namespace Gateway.Tests.Usage;

/// <summary>Gateways that are processes of their own, one of which is killed in the middle of its streams.</summary>
public sealed class KilledTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private FakeUpstream upstream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => upstream = await FakeUpstream.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        folder.Dispose();
    }

    // Says three things and then nothing more.
    private void Stall() => upstream.Then(async http =>
    {
        http.Response.ContentType = "text/event-stream";
        await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, UsageAnswers.Chunk() + UsageAnswers.Chunk() + UsageAnswers.Chunk());
        await http.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    });

    private async Task<GatewayProcess> StartAsync(string database)
    {
        var settings = folder.File("settings.json");
        if (!File.Exists(settings)) await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new { Gateway = new { EmbeddedModel = false, ModelsFolder = folder.Path, Database = database, Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1") } }, Models = new { m = new { Targets = new[] { new { Upstream = "east" } } } } } }), Cancellation);
        return await GatewayProcess.StartAsync("--config", settings);
    }

    private static async Task<Stream> BeginAsync(GatewayProcess gateway, HttpClient client, string more = "")
    {
        var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, "v1/chat/completions")) { Content = Door.Body("m", stream: true, more) }, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var events = await answer.Content.ReadAsStreamAsync(Cancellation);
        await events.ReadExactlyAsync(new byte[3 * UsageAnswers.Chunk().Length], Cancellation);
        return events;
    }

    private static async Task<JsonArray> RowsAsync(GatewayProcess gateway, HttpClient client, string query = "") =>
        JsonNode.Parse(await client.GetStringAsync(new Uri(gateway.Address, "admin/v1/usage?" + query), Cancellation))!["data"]!.AsArray();

    [Fact]
    public async Task A_call_whose_gateway_is_killed_in_mid_stream_keeps_its_tokens_and_counts_once()
    {
        Stall();
        var database = $"Data Source={folder.File("gateway.db")}";
        using var client = new HttpClient();
        await using (var gateway = await StartAsync(database))
        {
            await using var events = await BeginAsync(gateway, client);
            await Eventually.TrueAsync(async () => (await RowsAsync(gateway, client, "outcome=running")) is [{ } row] && (long)row["completion_tokens"]! == 3);
            await gateway.SignalAsync("KILL");
            await gateway.Process.WaitForExitAsync(Cancellation);
        }

        await using var next = await StartAsync(database);
        JsonArray rows = [];
        await Eventually.TrueAsync(async () => (rows = await RowsAsync(next, client)) is [{ } row] && (string?)row["outcome"] == "interrupted");
        ((long)rows[0]!["prompt_tokens"]!, (long)rows[0]!["completion_tokens"]!, (string?)rows[0]!["upstream"], (bool)rows[0]!["estimated"]!).ShouldBe((8, 3, "east", true));
    }

    [Fact]
    public async Task What_a_killed_gateway_had_reserved_of_a_budget_is_free_at_the_next_start_and_what_its_call_had_used_is_spent()
    {
        Stall();
        upstream.ThenJson(200, UsageAnswers.Plain(10, 1));
        var settings = JsonSerializer.SerializeToNode(new
        {
            Gateway = new
            {
                EmbeddedModel = false,
                ModelsFolder = folder.Path,
                AdminKey = UsageDoor.Admin,
                Database = $"Data Source={folder.File("gateway.db")}",
                Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1") } },
                Models = new { m = new { Targets = new[] { new { Upstream = "east" } }, Price = new { InputPerMillion = 0, OutputPerMillion = 1_000 } } },
                Keys = new[] { LimitedKeys.Of("a", new CallerLimits { BudgetPerMonth = 1 }) },
            },
        });
        await File.WriteAllTextAsync(folder.File("settings.json"), settings!.ToJsonString(), Cancellation);
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = LimitedKeys.Bearer("a") } };
        using var admin = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", UsageDoor.Admin) } };
        await using (var gateway = await StartAsync(""))
        {
            await using var events = await BeginAsync(gateway, client, ",\"max_tokens\":900");
            (await StatusAsync(gateway, client, 500)).ShouldBe(HttpStatusCode.TooManyRequests);
            await Eventually.TrueAsync(async () => (await RowsAsync(gateway, admin, "outcome=running")) is [{ } row] && (decimal)row["cost"]! == 0.003m);
            await gateway.SignalAsync("KILL");
            await gateway.Process.WaitForExitAsync(Cancellation);
        }

        await using var next = await StartAsync("");
        (await StatusAsync(next, client, 998)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await StatusAsync(next, client, 997)).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> StatusAsync(GatewayProcess gateway, HttpClient client, int most) =>
        (await client.PostAsync(new Uri(gateway.Address, "v1/chat/completions"), Door.Body("m", more: $",\"max_tokens\":{most}"), Cancellation)).StatusCode;

    [Fact]
    public async Task Two_gateways_of_one_database_count_each_call_once_and_one_closes_the_calls_of_the_other_that_was_killed()
    {
        var database = await cluster.NewAsync();
        upstream.Then(async http =>
        {
            http.Response.ContentType = "application/json";
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, UsageAnswers.Plain(10, 1));
        });
        using var client = new HttpClient();
        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), Cancellation, async (i, _) => (await client.PostAsync(new Uri((i % 2 == 0 ? first : second).Address, "v1/chat/completions"), Door.Body("m"), Cancellation)).EnsureSuccessStatusCode().Dispose());
        Stall();
        await using var dies = await BeginAsync(first, client);
        await using var lives = await BeginAsync(second, client);
        await Eventually.TrueAsync(async () => (await RowsAsync(second, client, "outcome=running")).Count(row => (long)row!["completion_tokens"]! == 3) == 2);

        await first.SignalAsync("KILL");

        await Eventually.TrueAsync(async () => (await RowsAsync(second, client, "outcome=interrupted")).Count == 1);
        (await RowsAsync(second, client, "outcome=running")).Count.ShouldBe(1);
        var sums = JsonNode.Parse(await client.GetStringAsync(new Uri(second.Address, "admin/v1/usage?group_by=model"), Cancellation))!["data"]![0]!;
        ((long)sums["calls"]!, (long)sums["prompt_tokens"]!, (long)sums["completion_tokens"]!).ShouldBe((202, 2_000 + 16, 200 + 6));
    }
}
