using System.Net;

namespace Gateway.Tests.Doors;

/// <summary>What is asked after the first target did not answer.</summary>
public class FallbackTests
{
    private const string Good = """{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    private const string TooLong = """{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""";
    private const string Filtered = """{"error":{"message":"no","type":"invalid_request_error","param":null,"code":"content_filter"}}""";
    private const string Broken = """{"error":{"message":"out of order"}}""";

    private static Task<Door> OpenAsync(FakeUpstream first, FakeUpstream second, object settings) => Door.OpenAsync(new
    {
        Upstreams = new { a = new { Address = new Uri(first.Address, "v1") }, b = new { Address = new Uri(second.Address, "v1") } },
        Models = new Dictionary<string, object>
        {
            ["m"] = settings,
            ["other"] = new { Targets = new[] { new { Upstream = "b", Model = "other-there" } } },
            ["any/*"] = new { Targets = new[] { new { Upstream = "b" } } },
        },
    });

    private static object Settings(string[]? on = null, int retries = 2, string fallback = "other") => on is null
        ? new { Targets = new[] { new { Upstream = "a" } }, Fallbacks = new[] { fallback }, Retries = retries }
        : new { Targets = new[] { new { Upstream = "a" } }, Fallbacks = new[] { fallback }, Retries = retries, FallbackOn = on };

    [Theory]
    [InlineData(500, Broken, null)]
    [InlineData(500, Broken, "failure")]
    [InlineData(400, TooLong, "context")]
    [InlineData(400, Filtered, "content")]
    public async Task A_fallback_answers_for_what_it_is_there_for(int status, string body, string? on)
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(status, body);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(first, second, Settings(on is null ? null : [on]));

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-model").ShouldBe(["other"]);
        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["b"]);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
        second.Received.ShouldHaveSingleItem().Body.ShouldContain("\"model\":\"other-there\"");
    }

    [Theory]
    [InlineData(500, Broken, "context", 502)]
    [InlineData(400, TooLong, "content", 400)]
    [InlineData(400, Filtered, "failure", 400)]
    [InlineData(404, Broken, "failure", 404)]
    [InlineData(401, Broken, "failure", 502)]
    public async Task A_fallback_is_not_asked_for_anything_else(int status, string body, string on, int seen)
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(status, body);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(first, second, Settings([on], retries: 1));

        using var answer = await door.ChatAsync("m");

        ((int)answer.StatusCode).ShouldBe(seen);
        second.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(500, Broken, 502)]
    [InlineData(400, TooLong, 400)]
    public async Task Without_retries_there_is_one_attempt(int status, string body, int seen)
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(status, body);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(first, second, Settings(retries: 0));

        using var answer = await door.ChatAsync("m");

        ((int)answer.StatusCode).ShouldBe(seen);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
        (first.Received.Count, second.Received.Count).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Retries_count_fallbacks_too()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(500, Broken).ThenJson(400, TooLong);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { a = new { Address = new Uri(first.Address, "v1") }, b = new { Address = new Uri(second.Address, "v1") } },
            Models = new
            {
                m = new { Targets = new[] { new { Upstream = "a", Model = "x", Order = 0 }, new { Upstream = "a", Model = "y", Order = 1 } }, Fallbacks = new[] { "other" }, Retries = 1 },
                other = new { Targets = new[] { new { Upstream = "b" } } },
            },
        });

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (first.Received.Count, second.Received.Count).ShouldBe((2, 0));
        door.Target("other", "b").Upstream.Calls.ShouldBe(0); // no place is kept for what may not be asked
    }

    [Fact]
    public async Task A_fallback_that_a_pattern_publishes_is_asked_for_by_its_name()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(500, Broken);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(first, second, Settings(fallback: "any/thing"));

        using var answer = await door.ChatAsync("m");

        second.Received.ShouldHaveSingleItem().Body.ShouldContain("\"model\":\"any/thing\"");
        answer.Headers.GetValues("x-gateway-model").ShouldBe(["any/thing"]);
    }

    [Fact]
    public async Task Fallbacks_in_a_circle_end()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(503, Broken);
        var at = new[] { new { Upstream = "a" } };
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { a = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { x = new { Targets = at, Fallbacks = new[] { "y" }, Retries = 3 }, y = new { Targets = at, Fallbacks = new[] { "x" } } },
        });

        using var answer = await door.ChatAsync("x");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        upstream.Received.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_fallback_answers_when_nobody_of_the_first_model_can_be_asked()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(429, Broken, ("Retry-After", "30"));
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(first, second, Settings());
        (await door.ChatAsync("m")).Dispose();

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]); // the first target is left alone
        first.Received.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(429, "retry-after-ms", "120", 100)]
    [InlineData(503, "retry-after-ms", "120", 100)]
    [InlineData(500, "x-nothing", "", 0)]
    public async Task A_lone_target_is_waited_for_as_long_as_it_asks(int status, string header, string value, int least)
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(status, Broken, (header, value)).ThenJson(200, Good);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        var began = TimeProvider.System.GetTimestamp();

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(least));
    }

    [Fact]
    public async Task A_long_wait_is_the_clients_to_make()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(429, Broken, ("Retry-After", "6"));
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.GetValues("Retry-After").ShouldBe(["6"]);
        upstream.Received.Count.ShouldBe(1);

        using var next = await door.ChatAsync("m");
        next.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        upstream.Received.Count.ShouldBe(1); // it is left alone
    }

    [Fact]
    public async Task A_client_that_leaves_while_a_retry_waits_gets_no_further_attempt()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(429, Broken, ("Retry-After", "3")).ThenJson(200, Good);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        using (var client = await Gateway.TestKit.Sockets.RawConnection.ConnectAsync(door.Address))
        {
            var body = await Door.Body("m").ReadAsStringAsync();
            await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            await Eventually.TrueAsync(() => upstream.Received.Count == 1);
        }

        await Eventually.TrueAsync(() => door.Target("m", "u0") is { Work: 0, Upstream.Calls: 0 });
        upstream.Received.Count.ShouldBe(1);
    }
}
