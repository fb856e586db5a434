using System.Globalization;
using System.Net;
using System.Text.Json;
using Gateway.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Doors;

/// <summary>Limits as clients meet them.</summary>
public class LimitTests
{
    private const string Good = """{"id":"c","object":"chat.completion","created":1,"model":"there","choices":[],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}""";
    private static readonly string[] Six = ["x-ratelimit-limit-requests", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Six_headers_say_how_a_caller_stands_and_the_upstreams_own_do_not_pass()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good, ("x-ratelimit-remaining-tokens", "7"), ("x-ratelimit-limit-requests", "8"));
        await using var door = await OpenAsync(upstream, new CallerLimits { RequestsPerMinute = 3, TokensPerMinute = 1_000 });

        using (var first = await CallAsync(door, more: ",\"max_tokens\":100"))
            Six.Select(name => first.Headers.GetValues(name).Single()).ShouldBe(["3", "1000", "2", "892", "1m0s", "1m0s"]); // 8 of the prompt
        await Eventually.TrueAsync(() => RemainingTokens(door) == 958); // settled, which its client does not wait for
        using (var second = await CallAsync(door, stream: false, more: ",\"max_tokens\":100"))
            Six.Select(name => second.Headers.GetValues(name).Single()).Take(4).ShouldBe(["3", "1000", "1", "850"]); // the first was settled with 42
        using var other = await door.ChatAsync("m");
        other.Headers.GetValues("x-ratelimit-remaining-tokens").ShouldBe(["7"]); // nobody bounds this caller here
    }

    [Fact]
    public async Task One_call_too_many_is_refused_as_clients_know_it()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(upstream, new CallerLimits { RequestsPerMinute = 1 });
        (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var refused = await CallAsync(door);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var error = await ErrorAsync(refused);
        (error.GetProperty("type").GetString(), error.GetProperty("code").GetString(), error.GetProperty("param").ValueKind).ShouldBe(("requests", "rate_limit_exceeded", JsonValueKind.Null));
        error.GetProperty("message").GetString()!.ShouldMatch(@"^Rate limit reached for `m` of this key on requests per min \(RPM\): Limit 1, Used 1, Requested 1\. Please try again in (1m0s|[0-9.]+s)\.$");
        int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture).ShouldBeInRange(50, 60);
        int.Parse(refused.Headers.GetValues("retry-after-ms").Single(), CultureInfo.InvariantCulture).ShouldBeInRange(50_000, 60_000);
        refused.Headers.GetValues("x-should-retry").ShouldBe(["true"]);
        Six.Select(name => refused.Headers.GetValues(name).Single()).Take(4).ShouldBe(["1", "2147483647", "0", "2147483647"]);
        upstream.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_never_fits_is_told_so()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(upstream, new CallerLimits { TokensPerMinute = 50 });

        using var refused = await CallAsync(door, more: ",\"max_tokens\":60");

        (await ErrorAsync(refused)).GetProperty("message").GetString().ShouldBe("Request too large for `m` of this key on tokens per min (TPM): Limit 50, Requested 68. The prompt or the tokens asked for must be reduced.");
        refused.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
        (await CallAsync(door, more: ",\"max_tokens\":40")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_two_hundred_calls_at_once_exactly_as_many_pass_as_may()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(upstream, new CallerLimits { RequestsPerMinute = 73 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => CallAsync(door)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(73);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(127);
        upstream.Received.Count.ShouldBe(73);
    }

    [Fact]
    public async Task Over_its_places_a_call_waits_its_time_and_is_refused_after_it()
    {
        var go = new TaskCompletionSource();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await go.Task.WaitAsync(http.RequestAborted);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        await using var door = await OpenAsync(upstream, new CallerLimits { MaxConcurrent = 1, QueueTimeout = TimeSpan.FromMinutes(1) }, new CallerLimits { MaxConcurrent = 1 });
        var running = CallAsync(door);
        await Eventually.TrueAsync(() => upstream.Received.Count == 1);
        var waits = CallAsync(door);
        var room = door.Services.GetRequiredService<WaitingRoom>();
        await Eventually.TrueAsync(() => room.Count == 1);
        var other = CallAsync(door, caller: "b");
        await Eventually.TrueAsync(() => upstream.Received.Count == 2);

        using (var refused = await CallAsync(door, caller: "b")) // it has no patience
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            (await ErrorAsync(refused)).GetProperty("message").GetString().ShouldBe("Rate limit reached for `m` of this key on concurrent requests: Limit 1, Used 1, Requested 1. Please try again in 1s.");
            Six.Select(name => refused.Headers.GetValues(name).Single()).Take(3).ShouldBe(["1", "2147483647", "0"]);
            refused.Headers.GetValues("Retry-After").ShouldBe(["1"]);
        }

        upstream.Received.Count.ShouldBe(2);
        go.SetResult();
        foreach (var answer in await Task.WhenAll(running, waits, other)) answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        room.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Who_leaves_while_it_waits_is_given_back_everything()
    {
        var go = new TaskCompletionSource();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await go.Task.WaitAsync(http.RequestAborted);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        await using var door = await OpenAsync(upstream, new CallerLimits { MaxConcurrent = 1, RequestsPerMinute = 3, QueueTimeout = TimeSpan.FromMinutes(1) });
        var running = CallAsync(door);
        await Eventually.TrueAsync(() => upstream.Received.Count == 1);
        using (var leaves = new CancellationTokenSource())
        {
            var waits = door.Http.SendAsync(Request("a"), leaves.Token);
            var room = door.Services.GetRequiredService<WaitingRoom>();
            await Eventually.TrueAsync(() => room.Count == 1);
            await leaves.CancelAsync();
            await Eventually.TrueAsync(() => room.Count == 0);
        }

        await Eventually.TrueAsync(() => Probe(door, new CallerLimits { RequestsPerMinute = 3 }).Requests!.Value.Remaining == 1); // one runs, and one looks
        go.SetResult();
        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_spent_budget_is_refused_and_not_to_be_tried_again()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(upstream, new CallerLimits { BudgetPerMonth = 1m });
        (await CallAsync(door, more: ",\"max_tokens\":10000")).StatusCode.ShouldBe(HttpStatusCode.OK); // may cost 0.10008, and costs 0.00042

        var periods = door.Services.GetRequiredService<BudgetCalendar>().Now("UTC");
        await Eventually.TrueAsync(() => ((LocalLimits)door.Services.GetRequiredService<ILimitStore>()).Decide(Policies.Asks.Of(new CallerLimits { BudgetPerMonth = 0 }, id: "a", periods: periods), takePlace: true).Refusal!.Used == Money.Units(0.00042m));
        using var refused = await CallAsync(door, more: ",\"max_tokens\":100000");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var error = await ErrorAsync(refused);
        (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()).ShouldBe(("insufficient_quota", "insufficient_quota"));
        error.GetProperty("message").GetString().ShouldBe("You exceeded your current quota: the month's budget of this key is 1, of which 0.00042 is spent or reserved, and this request may cost 1.00008.");
        refused.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
        refused.Headers.GetValues("Retry-After").Single().Length.ShouldBeInRange(1, 2);
    }

    [Fact]
    public async Task An_upstreams_error_counts_the_request_alone_and_a_dead_upstream_nothing()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(500, "{}");
        await using var door = await OpenAsync(upstream, new CallerLimits { RequestsPerMinute = 10, TokensPerMinute = 1_000 });

        (await CallAsync(door)).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        await Eventually.TrueAsync(() => RemainingTokens(door) == 1_000);
        using (var second = await CallAsync(door)) Remaining(second).ShouldBe(("8", "736")); // its own 264 reserved, nothing of the first's
        await Eventually.TrueAsync(() => RemainingTokens(door) == 1_000);
        await upstream.DisposeAsync();
        using (var third = await CallAsync(door)) Remaining(third).ShouldBe(("7", "736"));
        await Eventually.TrueAsync(() => Probe(door, new CallerLimits { RequestsPerMinute = 10 }).Requests!.Value.Remaining == 7);
        using (var fourth = await CallAsync(door)) Remaining(fourth).ShouldBe(("7", "736")); // the third never reached anybody
    }

    [Fact]
    public async Task A_client_that_left_before_the_first_token_pays_for_its_prompt()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).Then(http => Task.Delay(Timeout.Infinite, http.RequestAborted)).ThenJson(200, Good);
        await using var door = await OpenAsync(upstream, new CallerLimits { TokensPerMinute = 1_000 });
        using (var leaves = new CancellationTokenSource())
        {
            var left = door.Http.SendAsync(Request("a", stream: true), leaves.Token);
            await Eventually.TrueAsync(() => upstream.Received.Count == 1);
            await leaves.CancelAsync();
        }

        await Eventually.TrueAsync(() => RemainingTokens(door) == 992); // 8 of the prompt
    }

    [Fact]
    public async Task A_client_that_left_in_mid_stream_pays_for_what_came()
    {
        const string Chunk = """data: {"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]}""" + "\n\n";
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 5; i++) await http.Response.WriteAsync(Chunk);
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }).ThenJson(200, Good);
        await using var door = await OpenAsync(upstream, new CallerLimits { TokensPerMinute = 1_000 });
        using (var answer = await door.Http.SendAsync(Request("a", stream: true), HttpCompletionOption.ResponseHeadersRead, Cancellation))
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(Cancellation);
            await stream.ReadExactlyAsync(new byte[Chunk.Length * 5], Cancellation);
        }

        await Eventually.TrueAsync(() => RemainingTokens(door) == 987); // 8 of the prompt, and five chunks
    }

    private static Task<Door> OpenAsync(FakeUpstream upstream, CallerLimits limits, CallerLimits? others = null) => Door.OpenAsync(new
    {
        Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1") } },
        Models = new { m = new { Targets = new[] { new { Upstream = "u0" } }, Retries = 0, Price = new { InputPerMillion = 10m, OutputPerMillion = 10m } } },
        Keys = new[] { LimitedKeys.Of("a", limits), LimitedKeys.Of("b", others ?? CallerLimits.None) },
        AllowAnonymous = true,
    });

    private static HttpRequestMessage Request(string caller, bool stream = false, string more = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream, more) };
        request.Headers.Authorization = LimitedKeys.Bearer(caller);
        return request;
    }

    private static Task<HttpResponseMessage> CallAsync(Door door, string caller = "a", bool stream = false, string more = "") => door.Http.SendAsync(Request(caller, stream, more), Cancellation);

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("error");

    private static long RemainingTokens(Door door) => Probe(door, new CallerLimits { TokensPerMinute = 1_000 }).Tokens!.Value.Remaining;

    // As a call would see it that asks for no tokens.
    private static Decision Probe(Door door, CallerLimits limits)
    {
        var decision = ((LocalLimits)door.Services.GetRequiredService<ILimitStore>()).Decide(Policies.Asks.Of(limits, id: "a"), takePlace: true);
        decision.Hold!.GiveBack();
        return decision;
    }

    private static (string, string) Remaining(HttpResponseMessage answer) => (answer.Headers.GetValues("x-ratelimit-remaining-requests").Single(), answer.Headers.GetValues("x-ratelimit-remaining-tokens").Single());
}
