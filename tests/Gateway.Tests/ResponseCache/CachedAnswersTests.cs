using System.Net;
using System.Text.Json;
using Gateway.Tests.Doors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.ResponseCache;

public sealed class CachedAnswersTests : IAsyncLifetime
{
    private const string Answer = """{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    private const string Other = """{"id":"chatcmpl-2","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"again"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    private const string Chunk = "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Last = "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private const string Usage = "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}}\n\n";
    private const string Done = "data: [DONE]\n\n";

    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(57));
    private FakeUpstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = await FakeUpstream.StartAsync();

    public ValueTask DisposeAsync() => upstream.DisposeAsync();

    [Fact]
    public async Task Nothing_is_kept_unless_it_is_asked_for()
    {
        upstream.ThenJson(200, Answer).ThenJson(200, Other);
        await using var door = await OpenAsync(new { });
        (await AskAsync(door)).Text.ShouldBe(Answer);
        var second = await AskAsync(door);
        second.Text.ShouldBe(Other);
        second.Header("Cache-Status").ShouldBeNull();
    }

    [Fact]
    public async Task The_same_question_is_answered_again_with_its_age_and_nobody_is_asked()
    {
        upstream.ThenJson(200, Answer).ThenJson(200, Other);
        await using var door = await OpenAsync(new { Enabled = true, TimeToLive = "00:10:00" });

        var first = await AskAsync(door);
        first.Header("Cache-Status").ShouldBe("gateway; fwd=uri-miss");
        first.Header("Age").ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(90));
        var second = await AskAsync(door);

        second.Text.ShouldBe(Answer);
        second.Header("Age").ShouldBe("90");
        second.Header("Cache-Status").ShouldBe("gateway; hit; ttl=510");
        second.Header("x-gateway-attempts").ShouldBe("0");
        second.Header("x-gateway-upstream").ShouldBe("cache");
        second.Header("x-gateway-model").ShouldBe("m");
        upstream.Received.Count.ShouldBe(1);

        time.Advance(TimeSpan.FromSeconds(511));
        (await AskAsync(door)).Text.ShouldBe(Other);
    }

    [Fact]
    public async Task A_stream_is_given_again_byte_for_byte_and_not_to_who_asks_for_a_plain_answer()
    {
        upstream.ThenStream(Chunk, Last, Usage, Done).ThenJson(200, Answer);
        await using var door = await OpenAsync(new { Enabled = true });

        var first = await AskAsync(door, more: ",\"stream\":true");
        var second = await AskAsync(door, more: ",\"stream\":true");

        second.Text.ShouldBe(Chunk + Last + Done); // without the usage that the client did not ask for
        second.Text.ShouldBe(first.Text);
        second.Answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        second.Header("Cache-Status")!.ShouldStartWith("gateway; hit");
        (await AskAsync(door)).Text.ShouldBe(Answer);
        upstream.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_caller_may_want_a_fresh_answer_or_one_that_is_not_kept_or_only_a_kept_one()
    {
        upstream.ThenJson(200, Answer).ThenJson(200, Other).ThenJson(200, Answer);
        await using var door = await OpenAsync(new { Enabled = true });

        var missing = await AskAsync(door, said: "only-if-cached");
        missing.Answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        missing.Text.ShouldContain("not_cached");
        missing.Header("x-should-retry").ShouldBe("false");
        upstream.Received.ShouldBeEmpty();

        (await AskAsync(door, said: "no-store")).Text.ShouldBe(Answer); // not kept
        (await AskAsync(door)).Text.ShouldBe(Other);
        (await AskAsync(door, said: "only-if-cached")).Text.ShouldBe(Other);
        var fresh = await AskAsync(door, said: "no-cache");
        fresh.Text.ShouldBe(Answer);
        fresh.Header("Cache-Status").ShouldBe("gateway; fwd=request");
        (await AskAsync(door)).Text.ShouldBe(Answer); // the fresh one took its place
    }

    [Fact]
    public async Task A_caller_says_how_old_an_answer_may_be()
    {
        upstream.ThenJson(200, Answer).ThenJson(200, Other);
        await using var door = await OpenAsync(new { Enabled = true });
        _ = await AskAsync(door);
        time.Advance(TimeSpan.FromSeconds(10));
        (await AskAsync(door, said: "max-age=10")).Text.ShouldBe(Answer);
        time.Advance(TimeSpan.FromSeconds(1));
        (await AskAsync(door, said: "max-age=10")).Text.ShouldBe(Other);
    }

    [Theory]
    [InlineData(",\"temperature\":0.5")]
    [InlineData(", \"stream\":false")] // one space more
    [InlineData(",\"store\":null")]
    public async Task Another_question_is_another_question(string more)
    {
        upstream.ThenJson(200, Answer).ThenJson(200, Other);
        await using var door = await OpenAsync(new { Enabled = true });
        _ = await AskAsync(door);
        (await AskAsync(door, more: more)).Text.ShouldBe(Other);
    }

    [Fact]
    public async Task What_failed_was_cut_or_is_too_large_is_not_kept()
    {
        upstream.ThenJson(400, """{"error":{"message":"no","type":"invalid_request_error"}}""")
            .ThenStream(Chunk) // ends without a reason
            .ThenStream(Chunk, Last, Done)
            .ThenJson(200, Answer.Replace("hello", new string('x', 5_000), StringComparison.Ordinal)).ThenJson(200, Answer);
        await using var door = await OpenAsync(new { Enabled = true, MaxEntryBytes = 4_000 });

        (await AskAsync(door)).Answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AskAsync(door, more: ",\"stream\":true")).Text.ShouldContain("stream_broken");
        (await AskAsync(door, more: ",\"stream\":true")).Text.ShouldBe(Chunk + Last + Done);
        (await AskAsync(door)).Text.Length.ShouldBeGreaterThan(5_000);
        (await AskAsync(door)).Text.ShouldBe(Answer);
        upstream.Received.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("key", Answer, Other, Answer)]
    [InlineData("team", Answer, Answer, Other)]
    [InlineData("all", Answer, Answer, Answer)]
    public async Task Keys_share_answers_as_far_as_the_scope_says(string scope, string first, string ofTheTeam, string ofNobody)
    {
        upstream.ThenJson(200, Answer).ThenJson(200, Other).ThenJson(200, Answer);
        await using var door = await OpenAsync(new { Enabled = true, Scope = scope }, keys:
        [
            new { Name = "a", Key = "sk-aaaaaaaaaaaaaaaaaaaaaaaa", Team = "t" }, new { Name = "b", Key = "sk-bbbbbbbbbbbbbbbbbbbbbbbb", Team = "t" }, new { Name = "c", Key = "sk-cccccccccccccccccccccccc" },
        ]);
        (await AskAsync(door, key: "sk-aaaaaaaaaaaaaaaaaaaaaaaa")).Text.ShouldBe(first);
        (await AskAsync(door, key: "sk-bbbbbbbbbbbbbbbbbbbbbbbb")).Text.ShouldBe(ofTheTeam);
        (await AskAsync(door, key: "sk-cccccccccccccccccccccccc")).Text.ShouldBe(ofNobody);
    }

    [Fact]
    public async Task Wrong_settings_are_named()
    {
        var wrong = await Should.ThrowAsync<Gateway.Configuration.ConfigurationException>(() => OpenAsync(new { Enabled = true, Scope = "world", Store = "disk", TimeToLive = "00:00:00", MaxBytes = -1, MaxEntryBytes = 0 }));
        wrong.Errors.ShouldBe(
        [
            "Gateway:Cache:Scope is 'world'; known are key, team, all", "Gateway:Cache:Store is 'disk'; known are memory, redis",
            "Gateway:Cache:TimeToLive must be from a second to a year", "Gateway:Cache:MaxBytes must not be negative", "Gateway:Cache:MaxEntryBytes must be from 1 to 67108864",
        ]);
    }

    private Task<Door> OpenAsync(object cache, object[]? keys = null) => Door.OpenAsync(
        new
        {
            Cache = cache,
            Keys = keys ?? [],
            Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1").ToString() } },
            Models = new { m = new { Targets = new[] { new { Upstream = "u0" } }, Retries = 0 } },
        },
        services => services.AddSingleton<TimeProvider>(time));

    private static async Task<Seen> AskAsync(Door door, string more = "", string? said = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent($$"""{"model":"m","messages":[{"role":"user","content":"hi"}]{{more}}}""", System.Text.Encoding.UTF8, "application/json") };
        if (said is not null) request.Headers.TryAddWithoutValidation("Cache-Control", said);
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        var answer = await door.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Seen(answer, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private sealed record Seen(HttpResponseMessage Answer, string Text)
    {
        public string? Header(string name) => Answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
    }
}
