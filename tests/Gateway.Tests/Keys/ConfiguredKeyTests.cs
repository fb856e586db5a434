using System.Diagnostics;
using System.Net;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Keys;

/// <summary>Keys that stand in the settings.</summary>
public sealed class ConfiguredKeyTests : IAsyncLifetime
{
    private const string Key = "sk-of-team-a-000000000001";
    private FakeUpstream upstream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Asking.Plain);

    public ValueTask DisposeAsync() => upstream.DisposeAsync();

    private Task<Door> OpenAsync(object keys, TimeProvider? time = null, bool allowAnonymous = false, string? adminKey = null) => Door.OpenAsync(new
    {
        Keys = keys,
        AllowAnonymous = allowAnonymous,
        AdminKey = adminKey,
        Upstreams = new { u = new { Address = new Uri(upstream.Address, "v1"), ApiKey = "sk-of-the-upstream" } },
        Models = new Dictionary<string, object>
        {
            ["m"] = new { Targets = new[] { new { Upstream = "u" } } },
            ["other"] = new { Targets = new[] { new { Upstream = "u" } }, Aliases = new[] { "also*", "second" } },
            ["any/*"] = new { Targets = new[] { new { Upstream = "u" } } },
        },
    }, services => { if (time is not null) services.AddSingleton(time); });

    [Fact]
    public async Task Without_a_key_a_call_is_refused_and_told_how_to_bring_one()
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } });

        using var answer = await door.ChatAsync(key: null, "m");

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"gateway\"");
        answer.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
        answer.Headers.Contains("x-request-id").ShouldBeTrue();
        var error = await answer.ErrorAsync();
        ((string?)error["type"], (string?)error["param"], (string?)error["code"]).ShouldBe(("invalid_request_error", null, null));
        upstream.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("Authorization", "bearer   " + Key)]
    [InlineData("api-key", Key)]
    [InlineData("x-api-key", Key)]
    public async Task The_key_opens_in_each_header_that_clients_use_and_goes_no_further(string header, string value)
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } });

        using var answer = await door.ChatAsync(key: null, "m", (header, value));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = upstream.Received.ShouldHaveSingleItem();
        sent.Headers["Authorization"].ShouldBe("Bearer sk-of-the-upstream");
        sent.Headers.Values.ShouldAllBe(text => !text.Contains(Key));
    }

    [Theory]
    [InlineData("Authorization", "Basic " + Key)]
    [InlineData("Authorization", Key)]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Cookie", "key=" + Key)]
    public async Task Elsewhere_it_is_no_key(string header, string value)
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } });

        using var answer = await door.ChatAsync(key: null, "m", (header, value));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_wrong_key_is_shown_masked_and_a_short_one_not_at_all()
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } });

        using var wrong = await door.ChatAsync("sk-wrong-0000000000000000001234", "m");
        using var small = await door.ChatAsync("short", "m");

        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var error = await wrong.ErrorAsync();
        ((string?)error["code"]).ShouldBe("invalid_api_key");
        ((string)error["message"]!).ShouldStartWith("Incorrect API key provided: sk-wrong*******************1234. ");
        ((string)(await small.ErrorAsync())["message"]!).ShouldStartWith("Incorrect API key provided: *****. ");
    }

    [Fact]
    public async Task An_expired_key_answers_byte_for_byte_as_one_that_never_was()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
        await using var door = await OpenAsync(new[] { new { Name = "a", Key, Expires = "2026-11-27T12:00:01" } }, time);
        (await door.StatusAsync(Key)).ShouldBe(HttpStatusCode.OK);

        time.Advance(TimeSpan.FromSeconds(1));
        using var expired = await door.ChatAsync(Key, "m");
        using var unknown = await door.ChatAsync(Key[..10] + "x" + Key[11..], "m"); // the same where it is shown

        expired.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await expired.Content.ReadAsStringAsync(Cancellation)).ShouldBe(await unknown.Content.ReadAsStringAsync(Cancellation));
        Headers(expired).ShouldBe(Headers(unknown));

        static IEnumerable<string> Headers(HttpResponseMessage answer) => answer.Headers.Concat(answer.Content.Headers)
            .Where(header => header.Key.ToLowerInvariant() is not ("x-request-id" or "date" or "openai-processing-ms")).Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
    }

    [Theory]
    [InlineData("m", HttpStatusCode.OK)]
    [InlineData("any/thing", HttpStatusCode.OK)]
    [InlineData("also-this", HttpStatusCode.OK)]
    [InlineData("any/other", HttpStatusCode.Forbidden)]
    [InlineData("other", HttpStatusCode.Forbidden)]
    [InlineData("second", HttpStatusCode.Forbidden)]
    [InlineData("nothing", HttpStatusCode.NotFound)]
    public async Task A_key_is_for_the_models_that_it_names(string model, HttpStatusCode expected)
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key, Models = new[] { "m", "any/t*", "also*" } } });

        using var answer = await door.ChatAsync(Key, model);

        answer.StatusCode.ShouldBe(expected);
        if (expected == HttpStatusCode.OK) return;
        var error = await answer.ErrorAsync();
        ((string?)error["code"]).ShouldBe("model_not_found");
        upstream.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Lists_of_models_show_what_the_key_may_use()
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key, Models = new[] { "m" } }, new { Name = "b", Key = Key + "b", Models = new[] { "second" } } });

        foreach (var path in (string[])["v1/models", "v1/engines"])
        {
            (await IdsAsync(path, Key)).ShouldBe(["m"]);
            (await IdsAsync(path, Key + "b")).ShouldBe(["other"]);
        }

        foreach (var path in (string[])["v1/models/", "v1/engines/"])
        {
            using var seen = await door.AskAsync(HttpMethod.Get, path + "m", Key);
            using var unseen = await door.AskAsync(HttpMethod.Get, path + "other", Key);
            (seen.StatusCode, unseen.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.NotFound));
        }

        async Task<List<string>> IdsAsync(string path, string key)
        {
            using var answer = await door.AskAsync(HttpMethod.Get, path, key);
            return [.. (await answer.JsonAsync())["data"]!.AsArray().Select(entry => (string)entry!["id"]!)];
        }
    }

    [Fact]
    public async Task A_key_opens_its_scopes_and_nothing_else()
    {
        await using var door = await OpenAsync(new[] { new { Name = "files", Key, Scopes = new[] { "files", "fine-tuning" } }, new { Name = "boss", Key = Key + "b", Scopes = new[] { "admin" } } }, adminKey: "the-admin-key");

        using var refused = await door.ChatAsync(Key, "m");
        using var admin = await door.AskAsync(HttpMethod.Get, "admin/v1/upstreams", Key);

        (refused.StatusCode, admin.StatusCode).ShouldBe((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden));
        var error = await refused.ErrorAsync();
        ((string?)error["code"]).ShouldBe("missing_scope");
        ((string)error["message"]!).ShouldEndWith("Missing scopes: inference.");
        foreach (var key in (string[])["the-admin-key", Key + "b"])
        {
            using var opened = await door.AskAsync(HttpMethod.Get, "admin/v1/upstreams", key);
            opened.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.Forbidden); // administration is not inference
        }
    }

    [Fact]
    public async Task Where_anonymous_calls_are_allowed_a_wrong_key_still_is_wrong()
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } }, allowAnonymous: true);

        (await door.StatusAsync(null)).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync(Key)).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync(Key + "x")).ShouldBe(HttpStatusCode.Unauthorized);
        using var admin = await door.AskAsync(HttpMethod.Get, "admin/v1/upstreams", key: null);
        admin.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_browsers_preflight_needs_no_key_and_a_refusal_can_be_read_by_it()
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } });

        using var preflight = await door.AskAsync(HttpMethod.Options, "v1/chat/completions", key: null, json: null, ("Origin", "http://page.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization"));
        using var refused = await door.ChatAsync(key: null, "m", ("Origin", "http://page.example"));

        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }

    [Fact]
    public async Task No_key_is_in_a_trace_a_metric_or_the_log()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gateway",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Enqueue(span.DisplayName + string.Join(' ', span.TagObjects)),
        };
        ActivitySource.AddActivityListener(listener);
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } }, adminKey: "the-admin-key");
        foreach (var key in (string[])[Key, Key + "x", "sk-nobody-0000000000000000"]) await door.StatusAsync(key);
        (await door.StatusAsync(Key, "nothing")).ShouldBe(HttpStatusCode.NotFound);

        using var scraped = await door.AskAsync(HttpMethod.Get, "metrics", "the-admin-key");
        var metrics = await scraped.Content.ReadAsStringAsync(Cancellation);

        metrics.ShouldContain("gateway_access_refused_total{");
        metrics.ShouldContain("reason=\"wrong_key\"} 2");
        spans.ShouldNotBeEmpty();
        foreach (var secret in (string[])[Key[8..^4], "sk-nobody-0000", "the-admin-key"])
        {
            metrics.ShouldNotContain(secret);
            door.Log.Text.ShouldNotContain(secret);
            spans.ShouldAllBe(span => !span.Contains(secret));
        }
    }

    [Fact]
    public async Task Changed_settings_change_the_keys_within_two_seconds()
    {
        await using var door = await OpenAsync(new[] { new { Name = "a", Key } });
        (await door.StatusAsync(Key)).ShouldBe(HttpStatusCode.OK);

        var text = await File.ReadAllTextAsync(door.SettingsFile, Cancellation);
        await File.WriteAllTextAsync(door.SettingsFile, text.Replace(Key, "sk-another-key", StringComparison.Ordinal), Cancellation);
        await Eventually.TrueAsync(async () => await door.StatusAsync("sk-another-key") == HttpStatusCode.OK);

        (await door.StatusAsync(Key)).ShouldBe(HttpStatusCode.Unauthorized);
    }
}
