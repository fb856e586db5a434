using System.Net;
using System.Text.Json;
using Gateway.Policies;
using Gateway.Tests.Doors;
using Gateway.Tests.Usage;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;

namespace Gateway.Tests.Policies.Redis;

/// <summary>Several gateways, one Redis.</summary>
public sealed class ReplicasTests(RedisProcess server) : IClassFixture<RedisProcess>
{
    private const string Good = """{"id":"c","object":"chat.completion","created":1,"model":"there","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_hundred_calls_at_once_over_two_gateways_exactly_as_many_pass_as_may()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        var settings = Settings(upstream, LimitedKeys.Of("exact", new CallerLimits { RequestsPerMinute = 73 }));
        await using var first = await Door.OpenAsync(settings);
        await using var second = await Door.OpenAsync(settings);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => CallAsync(i % 2 == 0 ? first : second, "exact")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(73);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(127);
        upstream.Received.Count.ShouldBe(73);
        answers.Where(answer => answer.StatusCode == HttpStatusCode.OK).Select(answer => int.Parse(answer.Headers.GetValues("x-ratelimit-remaining-requests").Single(), System.Globalization.CultureInfo.InvariantCulture)).Order().ShouldBe(Enumerable.Range(0, 73));
    }

    [Fact]
    public async Task Keys_of_a_team_share_its_bounds_wherever_they_call()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        var settings = Settings(upstream, [.. Enumerable.Range(0, 4).Select(i => LimitedKeys.Of($"of-a-team-{i}", new CallerLimits { RequestsPerMinute = 40 }, "shares"))]);
        await using var first = await Door.OpenAsync(settings);
        await using var second = await Door.OpenAsync(settings);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => CallAsync(i % 2 == 0 ? first : second, $"of-a-team-{i / 2 % 4}")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(50);
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        (await refused.Content.ReadAsStringAsync(Cancellation)).ShouldContain("of team shares on requests per min (RPM): Limit 50, Used 50, Requested 1.");
    }

    [Fact]
    public async Task A_call_that_waits_gets_the_place_that_came_free_at_another_gateway()
    {
        var go = new TaskCompletionSource();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await go.Task.WaitAsync(http.RequestAborted);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        var settings = Settings(upstream, LimitedKeys.Of("waits", new CallerLimits { MaxConcurrent = 1, QueueTimeout = TimeSpan.FromMinutes(1) }));
        await using var first = await Door.OpenAsync(settings);
        await using var second = await Door.OpenAsync(settings);
        var running = CallAsync(first, "waits");
        await Eventually.TrueAsync(() => upstream.Received.Count == 1);

        var waits = CallAsync(second, "waits");
        await Eventually.TrueAsync(() => second.Waiting() == 1);
        upstream.Received.Count.ShouldBe(1);
        go.SetResult();

        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await waits).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Places_of_a_gateway_that_was_killed_come_free_within_its_lease()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).Then(http => Task.Delay(Timeout.Infinite, http.RequestAborted)).ThenJson(200, Good);
        var settings = Settings(upstream, LimitedKeys.Of("killed", new CallerLimits { MaxConcurrent = 1, QueueTimeout = TimeSpan.FromMinutes(1) }));
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("gateway.json"), JsonSerializer.Serialize(new { Gateway = settings }), Cancellation);
        await using var door = await Door.OpenAsync(settings);
        await using var killed = await GatewayProcess.StartAsync("--config", folder.File("gateway.json"), "--Gateway:EmbeddedModel=false", $"--Gateway:ModelsFolder={folder.File("models")}");
        using var client = new HttpClient { BaseAddress = killed.Address };
        var running = client.SendAsync(Request("killed"), Cancellation);
        await Eventually.TrueAsync(() => upstream.Received.Count == 1);
        var waits = CallAsync(door, "killed");
        await Eventually.TrueAsync(() => door.Waiting() == 1);

        await killed.SignalAsync("KILL");
        await running.ShouldThrowAsync<HttpRequestException>();

        waits.IsCompleted.ShouldBeFalse();
        (await waits.WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_a_killed_gateway_had_reserved_of_a_budget_comes_free_and_what_its_call_had_used_stays_spent()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(UsageAnswers.Chunk() + UsageAnswers.Chunk() + UsageAnswers.Chunk());
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }).ThenJson(200, Good);
        var settings = JsonSerializer.SerializeToNode(Settings(upstream, LimitedKeys.Of("reserves", new CallerLimits { BudgetPerDay = 1 })))!;
        settings["Models"]!["m"]!["Price"] = JsonSerializer.SerializeToNode(new { InputPerMillion = 0, OutputPerMillion = 1_000 });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("gateway.json"), JsonSerializer.Serialize(new { Gateway = settings }), Cancellation);
        await using var door = await Door.OpenAsync(settings);
        await using var killed = await GatewayProcess.StartAsync("--config", folder.File("gateway.json"), "--Gateway:EmbeddedModel=false", $"--Gateway:ModelsFolder={folder.File("models")}");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Address);
        using var client = new HttpClient { BaseAddress = killed.Address };
        using var streams = await client.SendAsync(Request("reserves", ",\"max_tokens\":900", stream: true), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await Eventually.TrueAsync(async () => (await MoneyAsync(redis)).Any(entry => entry.Name.StartsWith('c') && entry.Value == 90_000_000 - 300_000)); // three of 900 tokens are known there

        using (var refused = await door.Http.SendAsync(Request("reserves", ",\"max_tokens\":500"), Cancellation)) refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await killed.SignalAsync("KILL");

        await Eventually.TrueAsync(async () =>
        {
            using var answer = await door.Http.SendAsync(Request("reserves", ",\"max_tokens\":500"), Cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        });
        await Eventually.TrueAsync(async () => (await MoneyAsync(redis)).Any(entry => entry.Name == "s" && entry.Value == 300_000 + 1_200_000));
    }

    private static async Task<List<(string Name, long Value)>> MoneyAsync(ConnectionMultiplexer redis)
    {
        var money = new List<(string Name, long Value)>();
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: "*:key:reserves:money:*"))
            if (!key.ToString().EndsWith(":due", StringComparison.Ordinal))
                money.AddRange((await redis.GetDatabase().HashGetAllAsync(key)).Select(static entry => (entry.Name.ToString(), (long)entry.Value)));
        return money;
    }

    private object Settings(FakeUpstream upstream, params System.Text.Json.Nodes.JsonNode[] keys) => new
    {
        Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1") } },
        Models = new { m = new { Targets = new[] { new { Upstream = "u0" } }, Retries = 0 } },
        Keys = keys,
        Teams = new { shares = new { RequestsPerMinute = 50 } },
        Redis = server.Address,
        RedisTimeout = "00:00:10", // a busy machine is not what these are about
    };

    private static HttpRequestMessage Request(string key, string more = "", bool stream = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream, more) };
        request.Headers.Authorization = LimitedKeys.Bearer(key);
        return request;
    }

    private static Task<HttpResponseMessage> CallAsync(Door door, string key) => door.Http.SendAsync(Request(key), Cancellation);
}
