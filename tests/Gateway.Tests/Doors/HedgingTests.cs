using System.Net;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Doors;

public class HedgingTests
{
    private const string Good = """{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    private const string Chunk = "data: {\"id\":\"b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
    private const string No = """{"error":{"message":"not here","type":"invalid_request_error","param":null,"code":"not_here"}}""";
    private const string Done = "data: [DONE]\n\n";

    // One that says nothing until it is cancelled, and says when it was.
    private static (FakeUpstream Upstream, Task Cancelled) Silent(FakeUpstream upstream)
    {
        var cancelled = new TaskCompletionSource();
        upstream.Then(async http =>
        {
            http.RequestAborted.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
        });
        return (upstream, cancelled.Task);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_second_target_answers_and_the_first_is_cancelled(bool stream)
    {
        var (first, cancelled) = Silent(await FakeUpstream.StartAsync());
        await using var second = await FakeUpstream.StartAsync();
        if (stream) second.ThenStream(Chunk, Done);
        else second.ThenJson(200, Good);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "00:00:00.05" }, first.Address, second.Address);

        using var answer = await door.ChatAsync("m", stream);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        text.ShouldBe(stream ? Chunk + Done : Good);
        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["u1"]);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
        await cancelled.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => door.Target("m", "u0") is { Work: 0, Upstream.Calls: 0 } && door.Target("m", "u1") is { Work: 0, Upstream.Calls: 0 });
        door.Target("m", "u0").Health.State(0).ShouldBe("closed"); // slow is not broken
        door.Target("m", "u0").Health.Latency.Average.ShouldBeGreaterThanOrEqualTo(0.05); // what is known of it: at least as long as it was waited for
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_first_target_that_answers_in_time_is_the_only_one()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "00:00:20" }, first.Address, second.Address);

        using var answer = await door.ChatAsync("m");

        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
        second.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_hedge_counts_as_a_retry()
    {
        var (first, _) = Silent(await FakeUpstream.StartAsync());
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "00:00:00.02", Retries = 0, Timeouts = new { FirstToken = "00:00:00.5" } }, first.Address, second.Address);

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        second.Received.ShouldBeEmpty();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_hedge_that_fails_leaves_the_race_to_the_first()
    {
        var go = new TaskCompletionSource();
        await using var first = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await go.Task;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        await using var second = (await FakeUpstream.StartAsync()).Then(http =>
        {
            http.Response.StatusCode = 500;
            http.Response.OnCompleted(() =>
            {
                go.TrySetResult();
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "00:00:00.02" }, first.Address, second.Address);

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["u0"]);
    }

    [Fact]
    public async Task The_95th_percentile_is_the_delay_once_sixteen_calls_are_known()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "p95", Timeouts = new { FirstToken = "00:00:10" } }, first.Address, second.Address);
        for (var call = 0; call < 16; call++) (await door.ChatAsync("m")).Dispose();
        first.Received.Count.ShouldBe(16);
        var cancelled = new TaskCompletionSource();
        first.Then(async http =>
        {
            http.RequestAborted.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
        });

        using var answer = await door.ChatAsync("m");

        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["u1"]);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Many_races_leave_no_place_taken()
    {
        await using var first = (await FakeUpstream.StartAsync()).Then(AnswerSoonAsync);
        await using var second = (await FakeUpstream.StartAsync()).Then(AnswerSoonAsync);
        await using var door = await Door.OpenAsync(new
        {
            RetryBudget = new { Share = 1.0, Floor = 1_000 },
            Upstreams = new { a = new { Address = new Uri(first.Address, "v1") }, b = new { Address = new Uri(second.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "a" }, new { Upstream = "b" } }, HedgeAfter = "00:00:00.005" } },
        });

        var texts = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var answer = await door.ChatAsync("m");
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }));

        texts.ShouldAllBe(text => text == Good);
        await Eventually.TrueAsync(() => door.Target("m", "a") is { Work: 0, Upstream.Calls: 0 } && door.Target("m", "b") is { Work: 0, Upstream.Calls: 0 });

        static async Task AnswerSoonAsync(HttpContext http)
        {
            await Task.Delay(5, http.RequestAborted); // as long as the hedge waits
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        }
    }

    [Fact]
    public async Task A_refusal_stands_where_the_other_of_a_race_fails_besides()
    {
        var refused = new TaskCompletionSource();
        await using var first = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await refused.Task;
            http.Response.StatusCode = 503;
        });
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(400, No);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "00:00:00.02", Retries = 3 }, first.Address, second.Address);

        var asked = door.ChatAsync("m");
        await Eventually.TrueAsync(() => second.Received.Count == 1 && door.Target("m", "u1").Work == 0);
        refused.SetResult();
        using var answer = await asked;

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("not_here");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
    }

    [Theory]
    [InlineData("00:00:00.02", 2)]
    [InlineData("00:00:20", 1)]
    public async Task A_hedge_that_is_refused_does_not_end_the_race_and_a_refusal_starts_none(string after, int attempts)
    {
        var refused = new TaskCompletionSource();
        await using var first = await FakeUpstream.StartAsync();
        await using var second = await FakeUpstream.StartAsync();
        if (attempts == 1) first.ThenJson(400, No);
        else
        {
            first.Then(async http =>
            {
                await refused.Task;
                await http.Response.WriteAsync(Good);
            });
        }

        second.ThenJson(400, No);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = after }, first.Address, second.Address);

        var asked = door.ChatAsync("m");
        if (attempts == 2) await Eventually.TrueAsync(() => second.Received.Count == 1 && door.Target("m", "u1").Work == 0); // it was refused, and that is known
        refused.SetResult();
        using var answer = await asked;

        answer.StatusCode.ShouldBe(attempts == 2 ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe([attempts.ToString()]);
        second.Received.Count.ShouldBe(attempts - 1);
    }
}
