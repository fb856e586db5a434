using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Telemetry;

public class MetricsTests
{
    [Fact]
    public async Task A_good_call_counts_once_with_its_duration_and_its_tokens()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        (await door.ChatAsync("m")).Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is not null);

        series.Value("gateway_calls_total", ("model", "m"), ("outcome", "ok"), ("status", "200")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("upstream", "u0"), ("model", "m"), ("reason", "ok")).ShouldBe(1);
        series.Value("gen_ai_server_request_duration_seconds_count", ("gen_ai_operation_name", "chat"), ("gen_ai_request_model", "m")).ShouldBe(1);
        series.Value("gen_ai_client_operation_duration_seconds_count", ("gen_ai_request_model", "m"), ("upstream", "u0")).ShouldBe(1);
        series.Value("gen_ai_client_token_usage_sum", ("gen_ai_token_type", "input")).ShouldBe(3);
        series.Value("gen_ai_client_token_usage_sum", ("gen_ai_token_type", "output")).ShouldBe(5);
        series.Value("gateway_upstream_calls", ("upstream", "u0")).ShouldBe(0);
        series.Value("gateway_upstream_outstanding_tokens", ("upstream", "u0"), ("model", "m")).ShouldBe(0);
        series.Value("gateway_breaker_state", ("upstream", "u0"), ("model", "m")).ShouldBe(0);
    }

    [Fact]
    public async Task Counts_of_attempts_go_on_where_settings_make_a_target_anew()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        object Settings(double weight) => new
        {
            Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString() } },
            Models = new { m = new { Targets = new[] { new { Upstream = "east", Weight = weight } } } },
        };
        await using var door = await Door.OpenAsync(Settings(1));
        (await door.ChatAsync("m")).Dispose();
        var before = door.Target("m", "east");

        (await door.ReloadAsync(Settings(2))).ShouldBeTrue();
        (await door.ChatAsync("m")).Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is 2);

        door.Target("m", "east").ShouldNotBeSameAs(before);
        series.Value("gateway_attempts_total", ("upstream", "east"), ("model", "m"), ("reason", "ok")).ShouldBe(2);
    }

    [Fact]
    public async Task A_retry_is_an_attempt_with_its_reason_and_a_stream_has_a_time_to_its_first_token()
    {
        await using var first = await FakeUpstream.StartAsync();
        await using var second = await FakeUpstream.StartAsync();
        first.ThenJson(503, "{}");
        second.ThenStream(Answers.Chunk, Answers.Last, Answers.Done);
        await using var door = await Door.OpenAsync("m", new { }, first.Address, second.Address);

        using var answer = await door.ChatAsync("m", stream: true);
        await answer.Content.ReadAsStringAsync();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is not null);

        series.Value("gateway_attempts_total", ("upstream", "u0"), ("reason", "http_503")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("upstream", "u1"), ("reason", "ok")).ShouldBe(1);
        series.Value("gateway_retries_total", ("model", "m"), ("cause", "retry")).ShouldBe(1);
        series.Value("gateway_calls_total", ("model", "m"), ("outcome", "ok")).ShouldBe(1);
        series.Value("gen_ai_server_time_to_first_token_seconds_count", ("gen_ai_request_model", "m")).ShouldBe(1);
        series.Value("gen_ai_client_operation_duration_seconds_count", ("error_type", "http_503")).ShouldBe(1);
    }

    [Fact]
    public async Task A_fallback_is_an_attempt_of_the_model_that_answers_in_a_call_of_the_one_that_was_asked_for()
    {
        await using var first = await FakeUpstream.StartAsync();
        await using var second = await FakeUpstream.StartAsync();
        first.ThenJson(500, "{}");
        second.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { east = new { Address = new Uri(first.Address, "v1").ToString() }, west = new { Address = new Uri(second.Address, "v1").ToString() } },
            Models = new { big = new { Targets = new[] { new { Upstream = "east" } }, Fallbacks = new[] { "small" } }, small = new { Targets = new[] { new { Upstream = "west" } } } },
        });

        (await door.ChatAsync("big")).EnsureSuccessStatusCode().Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "big")) is not null);

        series.Value("gateway_calls_total", ("model", "big"), ("outcome", "ok")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("model", "big"), ("upstream", "east"), ("reason", "http_500")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("model", "small"), ("upstream", "west"), ("reason", "ok")).ShouldBe(1);
        series.Value("gateway_retries_total", ("model", "small"), ("cause", "fallback")).ShouldBe(1);
    }

    [Fact]
    public async Task A_hedge_is_counted_as_one()
    {
        var over = new TaskCompletionSource();
        await using var slow = await FakeUpstream.StartAsync();
        await using var quick = await FakeUpstream.StartAsync();
        slow.Then(http => over.Task.WaitAsync(http.RequestAborted));
        quick.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync("m", new { HedgeAfter = "00:00:00.020" }, slow.Address, quick.Address);

        (await door.ChatAsync("m")).EnsureSuccessStatusCode().Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_attempts_total", ("reason", "outrun")) is not null);

        series.Value("gateway_hedges_total", ("model", "m")).ShouldBe(1);
        series.Value("gateway_retries_total", ("model", "m")).ShouldBeNull();
        series.Value("gateway_attempts_total", ("upstream", "u0"), ("reason", "outrun")).ShouldBe(1);
        over.SetResult();
    }

    [Fact]
    public async Task A_breaker_that_opens_is_seen_and_calls_that_nobody_can_answer_fail()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(500, "{}");
        await using var door = await Door.OpenAsync("m", new { Retries = 0, Breaker = new { Failures = 2, Break = "00:10:00" } }, upstream.Address);

        for (var i = 0; i < 3; i++) (await door.ChatAsync("m")).Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("status", "503")) is not null);

        series.Value("gateway_breaker_state", ("upstream", "u0"), ("model", "m")).ShouldBe(2);
        series.Value("gateway_calls_total", ("outcome", "failed"), ("status", "502")).ShouldBe(2);
        series.Value("gateway_calls_total", ("outcome", "failed"), ("status", "503")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("reason", "http_500")).ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_no_good_call_although_its_status_is_200()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenStream(Answers.Chunk);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using var answer = await door.ChatAsync("m", stream: true);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"error\"");
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is not null);

        series.Value("gateway_calls_total", ("outcome", "broken"), ("status", "200")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("reason", "cut")).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_left_counts_as_cancelled()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + Answers.Chunk);
            await connection.LeftAsync();
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using (var answer = await door.ChatAsync("m", stream: true))
        {
            var body = await answer.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[Answers.Chunk.Length]);
        }

        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is not null);

        series.Value("gateway_calls_total", ("outcome", "cancelled"), ("status", "499")).ShouldBe(1);
        series.Value("gateway_attempts_total", ("reason", "client_left")).ShouldBe(1);
    }

    [Fact]
    public async Task A_deadline_that_is_over_counts_as_such()
    {
        var over = new TaskCompletionSource();
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.Then(http => over.Task.WaitAsync(http.RequestAborted));
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        door.Http.DefaultRequestHeaders.Add("X-Request-Timeout", "0.05");

        (await door.ChatAsync("m")).Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is not null);

        series.Value("gateway_calls_total", ("outcome", "deadline_exceeded"), ("status", "504")).ShouldBe(1);
        over.SetResult();
    }

    [Fact]
    public async Task Labels_hold_published_names_and_nothing_that_callers_make_up()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString(), ApiKey = "sk-of-the-upstream" } },
            Models = new Dictionary<string, object> { ["any-*"] = new { Targets = new[] { new { Upstream = "east" } } } },
        });
        door.Http.DefaultRequestHeaders.Add("x-request-id", "an-id-of-mine");

        foreach (var name in (string[])["any-one", "any-two", "nobody"]) (await door.ChatAsync(name)).Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "any-*")) is 2);

        series.Value("gateway_calls_total", ("model", "any-*"), ("outcome", "ok")).ShouldBe(2);
        series.Value("gateway_calls_total", ("model", "unknown"), ("outcome", "refused"), ("status", "404")).ShouldBe(1);
        foreach (var secret in (string[])["any-one", "any-two", "nobody", "an-id-of-mine", "sk-of-the-upstream", upstream.Address.Authority]) series.Text.ShouldNotContain(secret);
    }
}
