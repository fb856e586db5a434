using System.Net;
using System.Text.Json;
using Gateway.Tests.Doors;
using Gateway.Tests.Telemetry;

namespace Gateway.Tests.Admin;

public class AdminDoorTests
{
    private const string Key = "the-admin-key";

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer the-admin-key2", HttpStatusCode.Unauthorized)]
    [InlineData("Basic the-admin-key", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer the-admin-key", HttpStatusCode.OK)]
    [InlineData("bearer the-admin-key", HttpStatusCode.OK)]
    public async Task With_a_key_only_the_key_opens(string? given, HttpStatusCode expected)
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key });

        foreach (var path in (string[])["/metrics", "/admin/v1/upstreams", "/ADMIN/v1/upstreams", "/Metrics"])
        {
            using var answer = await GetAsync(door.Http, path, given);
            answer.StatusCode.ShouldBe(expected, path);
            if (expected != HttpStatusCode.OK) (await CodeAsync(answer)).ShouldBe("invalid_api_key");
        }
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Host", "evil.example")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    public async Task Without_a_key_this_machine_is_answered_and_pages_and_proxies_on_it_are_not(string header, string value)
    {
        await using var door = await Door.OpenAsync(new { });

        foreach (var path in (string[])["/metrics", "/admin/v1/upstreams"])
        {
            using var answer = await GetAsync(door.Http, path, null);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            using var refused = await GetAsync(door.Http, path, null, (header, value));
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            (await CodeAsync(refused)).ShouldBe("admin_not_allowed");
        }
    }

    [Fact]
    public async Task A_port_of_its_own_serves_administration_and_the_public_one_does_not()
    {
        var port = FreePort.Find();
        await using var door = await Door.OpenAsync(new { AdminKey = Key, AdminUrls = $"http://127.0.0.1:{port}" });
        using var admin = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        (await StatusAsync(admin, "/admin/v1/upstreams", null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(admin, "/admin/v1/upstreams", "Bearer " + Key)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(admin, "/metrics", null)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(admin, "/health/live", null)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(admin, "/v1/models", "Bearer " + Key)).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(door.Http, "/admin/v1/upstreams", "Bearer " + Key)).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(door.Http, "/metrics", "Bearer " + Key)).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(door.Http, "/health/live", null)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(door.Http, "/v1/models", null)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Upstreams_are_listed_with_their_health_and_without_address_or_key()
    {
        await using var good = await FakeUpstream.StartAsync();
        await using var limited = await FakeUpstream.StartAsync();
        good.ThenJson(200, Answers.Plain);
        limited.ThenJson(429, "{}", ("Retry-After", "30"));
        await using var door = await Door.OpenAsync("m", new { }, limited.Address, good.Address);
        (await door.ChatAsync("m")).EnsureSuccessStatusCode().Dispose();

        var text = await door.Http.GetStringAsync("admin/v1/upstreams", TestContext.Current.CancellationToken);
        using var parsed = JsonDocument.Parse(text);
        var data = parsed.RootElement.GetProperty("data");

        data.EnumerateArray().Select(upstream => upstream.GetProperty("name").GetString()).ShouldBe(["u0", "u1"]);
        data[0].GetProperty("kind").GetString().ShouldBe("openai");
        data[0].GetProperty("up").GetBoolean().ShouldBeTrue();
        data[0].GetProperty("max_concurrent").ValueKind.ShouldBe(JsonValueKind.Null);
        var ejected = data[0].GetProperty("targets")[0];
        ejected.GetProperty("model").GetString().ShouldBe("m");
        ejected.GetProperty("model_there").GetString().ShouldBe("there");
        ejected.GetProperty("breaker").GetString().ShouldBe("ejected");
        ejected.GetProperty("available_in_seconds").GetDouble().ShouldBeInRange(1, 30);
        var healthy = data[1].GetProperty("targets")[0];
        healthy.GetProperty("breaker").GetString().ShouldBe("closed");
        healthy.GetProperty("available_in_seconds").ValueKind.ShouldBe(JsonValueKind.Null);
        healthy.GetProperty("latency_average_ms").GetDouble().ShouldBeGreaterThan(0);
        ejected.GetProperty("available_at").GetDouble().ShouldBe(ejected.GetProperty("last_failure").GetProperty("at").GetDouble() + 30, 0.1);
        ejected.GetProperty("last_failure").GetProperty("reason").GetString().ShouldBe("http_429");
        ejected.GetProperty("outstanding_tokens").GetInt64().ShouldBe(0);
        foreach (var absent in (string[])["available_at", "last_failure", "latency_p50_ms", "latency_p95_ms"]) healthy.GetProperty(absent).ValueKind.ShouldBe(JsonValueKind.Null, absent);
        foreach (var secret in (string[])["sk-of-the-upstream", good.Address.Authority, limited.Address.Authority]) text.ShouldNotContain(secret);
    }

    [Fact]
    public async Task Percentiles_the_breaker_and_the_last_failure_are_shown_and_nothing_that_an_upstream_said_or_was_told()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        for (var call = 0; call < 16; call++) upstream.ThenJson(200, Answers.Plain);
        upstream.ThenJson(500, """{"error":{"message":"sk-of-the-upstream is not liked"}}""");
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString(), ApiKey = "sk-of-the-upstream", Headers = new Dictionary<string, string> { ["x-tenant"] = "tenant-secret" } } },
            Models = new { m = new { Targets = new[] { new { Upstream = "east" } }, Retries = 0, Breaker = new { Failures = 1, Break = "00:05:00" } } },
        });
        for (var call = 0; call < 17; call++) (await door.ChatAsync("m")).Dispose();

        var text = await door.Http.GetStringAsync("admin/v1/upstreams", TestContext.Current.CancellationToken);
        using var parsed = JsonDocument.Parse(text);
        var target = parsed.RootElement.GetProperty("data")[0].GetProperty("targets")[0];

        target.GetProperty("breaker").GetString().ShouldBe("open");
        target.GetProperty("last_failure").GetProperty("reason").GetString().ShouldBe("http_500");
        target.GetProperty("available_at").GetDouble().ShouldBe(target.GetProperty("last_failure").GetProperty("at").GetDouble() + 300, 0.1);
        target.GetProperty("available_in_seconds").GetDouble().ShouldBeInRange(200, 300);
        target.GetProperty("latency_p50_ms").GetDouble().ShouldBeInRange(0.001, target.GetProperty("latency_p95_ms").GetDouble());
        foreach (var secret in (string[])["sk-of-the-upstream", "tenant-secret", "x-tenant", "not liked", upstream.Address.Authority]) text.ShouldNotContain(secret);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("ftp://127.0.0.1:9090")]
    [InlineData("http://unix:/tmp/a.sock")]
    [InlineData("nothing")]
    [InlineData("http://127.0.0.1:9090/admin")]
    public async Task An_address_that_cannot_be_told_from_the_public_one_is_an_error(string urls) =>
        (await Should.ThrowAsync<Gateway.Configuration.ConfigurationException>(() => Door.OpenAsync(new { AdminUrls = urls }))).Errors.ShouldHaveSingleItem().ShouldStartWith("Gateway:AdminUrls");

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string? authorization)
    {
        using var answer = await GetAsync(http, path, authorization);
        return answer.StatusCode;
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient http, string path, string? authorization, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer)
    {
        using var parsed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return parsed.RootElement.GetProperty("error").GetProperty("code").GetString();
    }
}
