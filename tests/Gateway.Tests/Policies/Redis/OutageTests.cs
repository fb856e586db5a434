using System.Net;
using Gateway.Policies;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Gateway.Tests.Policies.Redis;

/// <summary>Redis goes, comes back, is slow, and has forgotten everything.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const string Good = """{"id":"c","object":"chat.completion","created":1,"model":"there","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}""";

    private readonly RedisProcess server = new();
    private FakeUpstream upstream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Open_each_gateway_counts_by_itself_while_redis_is_gone_and_together_once_it_is_back()
    {
        await using var first = await OpenAsync("open", new CallerLimits { RequestsPerMinute = 3 });
        await using var second = await OpenAsync("open", new CallerLimits { RequestsPerMinute = 3 });
        (await RemainingAsync(first)).ShouldBe(2);
        (await RemainingAsync(second)).ShouldBe(1);

        await server.KillAsync();
        foreach (var door in (Door[])[first, second])
        {
            for (var left = 2; left >= 0; left--) (await RemainingAsync(door)).ShouldBe(left);
            (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            door.Log.Text.ShouldContain("Redis is away: this gateway counts by itself");
        }

        await server.StartAsync();
        await BackAsync(first);
        await BackAsync(second);
        await ResetAsync();
        (await RemainingAsync(first)).ShouldBe(2);
        (await RemainingAsync(second)).ShouldBe(1);
        (await RemainingAsync(first)).ShouldBe(0);
        (await CallAsync(second)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Closed_no_bounded_call_passes_while_redis_is_gone()
    {
        await using var door = await OpenAsync("closed", new CallerLimits { RequestsPerMinute = 1_000 });
        await RemainingAsync(door);

        await server.KillAsync();
        using (var refused = await CallAsync(door))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await refused.Content.ReadAsStringAsync(Cancellation)).ShouldContain("limits_unavailable");
            refused.Headers.GetValues("Retry-After").ShouldBe(["1"]);
        }

        (await door.Http.SendAsync(Request("unbounded"), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await server.StartAsync();
        await BackAsync(door);
        (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_gateway_starts_without_redis_and_counts_there_once_it_comes()
    {
        _ = server.Address;
        await server.KillAsync();
        await using var door = await OpenAsync("open", new CallerLimits { RequestsPerMinute = 100 });
        (await RemainingAsync(door)).ShouldBe(99);

        await server.StartAsync();
        await BackAsync(door);

        await using var other = await OpenAsync("open", new CallerLimits { RequestsPerMinute = 100 });
        var left = await RemainingAsync(door);
        (await RemainingAsync(other)).ShouldBe(left - 1);
    }

    [Fact]
    public async Task A_redis_that_is_slow_is_not_waited_for_and_what_it_counted_too_late_is_given_back()
    {
        await using var door = await OpenAsync("open", new CallerLimits { RequestsPerMinute = 100 }, timeout: "00:00:00.1");
        await BackAsync(door); // its scripts are there
        await ResetAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(server.Address + ",allowAdmin=true");
        var sleeps = admin.GetDatabase().ExecuteAsync("DEBUG", "SLEEP", "3");
        await Task.Yield();
        await CallUntilAsync(door, () => door.Log.Text.Contains("Redis is away"));

        sleeps.IsCompleted.ShouldBeFalse("a call was answered while Redis slept");
        (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await sleeps;
        await BackAsync(door);
        await ResetAsync();
        (await RemainingAsync(door)).ShouldBe(99);
    }

    [Fact]
    public async Task Restarted_empty_it_is_told_again_what_was_spent()
    {
        var spent = new Recorded();
        await using var door = await OpenAsync("open", new CallerLimits { BudgetPerMonth = 1 }, services => services.AddSingleton<ISpentMoney>(spent));
        (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.OK); // costs 0.042
        spent.Asked.ShouldBe(1);

        await server.KillAsync();
        spent.Money = 0.042m; // it is recorded by now
        (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.OK);
        spent.Asked.ShouldBe(2); // for counting alone
        spent.Money = 0.9999m;
        await server.StartAsync();
        await CallUntilAsync(door, () => spent.Asked == 3);

        using var refused = await CallAsync(door);
        // A call that was counted alone, and whose end came after the question, is added: 0.042.
        (await refused.Content.ReadAsStringAsync(Cancellation)).ShouldMatch("of which (0.9999|1.0419) is spent");
    }

    private Task<Door> OpenAsync(string whenGone, CallerLimits limits, Action<IServiceCollection>? services = null, string timeout = "00:00:05") => Door.OpenAsync(new
    {
        Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1") } },
        Models = new { m = new { Targets = new[] { new { Upstream = "u0" } }, Retries = 0, Price = new { InputPerMillion = 1_000m, OutputPerMillion = 1_000m } } },
        Keys = new[] { LimitedKeys.Of("bounded", limits), LimitedKeys.Of("unbounded", CallerLimits.None) },
        Redis = server.Address,
        RedisTimeout = timeout,
        WhenRedisIsGone = whenGone,
    }, services);

    private static HttpRequestMessage Request(string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m") };
        request.Headers.Authorization = LimitedKeys.Bearer(key);
        return request;
    }

    private static Task<HttpResponseMessage> CallAsync(Door door) => door.Http.SendAsync(Request("bounded"), Cancellation);

    private static async Task<int> RemainingAsync(Door door)
    {
        using var answer = await CallAsync(door);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return int.Parse(answer.Headers.GetValues("x-ratelimit-remaining-requests").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task CallUntilAsync(Door door, Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            (await CallAsync(door)).Dispose();
            await Task.Delay(5, limit.Token);
        }
    }

    // Redis is asked again: a call is counted there.
    private async Task BackAsync(Door door)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Address + ",allowAdmin=true");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            await redis.GetServers()[0].FlushDatabaseAsync();
            (await CallAsync(door)).Dispose();
            if (await redis.GetDatabase().KeyExistsAsync("{gateway}:limits:key:bounded")) return;
            await Task.Delay(20, limit.Token);
        }
    }

    private async Task ResetAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Address + ",allowAdmin=true");
        await redis.GetServers()[0].FlushDatabaseAsync();
    }

    private sealed class Recorded : ISpentMoney
    {
        private int asked;

        public decimal Money { get; set; }

        public int Asked => Volatile.Read(ref asked);

        public ValueTask<decimal> SpentAsync(string owner, bool isTeam, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation)
        {
            Interlocked.Increment(ref asked);
            return new(Money);
        }
    }
}
