using System.Diagnostics;
using System.Net;
using Gateway.AdminConsole;
using Gateway.Keys;
using Gateway.Tests.Doors;
using Gateway.Tests.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.AdminConsole;

/// <summary>A browser's session. The client keeps cookies as a browser does.</summary>
public class ConsoleSessionTests
{
    private const string Key = "sk-admin-key-of-this-test";
    private const string Address = "admin/v1/session";

    [Fact]
    public async Task A_session_opens_the_admin_api_and_its_cookie_is_sealed()
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key });

        using var begun = await BeginAsync(door, Key);

        var cookie = begun.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        foreach (var attribute in (string[])["path=/admin/v1", "samesite=strict", "httponly"]) cookie.ShouldContain(attribute);
        cookie.ShouldNotContain("secure");
        cookie.ShouldNotContain(Key);
        begun.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var entry = await begun.JsonAsync();
        entry["name"]!.GetValue<string>().ShouldBe("admin");
        (await StatusAsync(door, HttpMethod.Get, "admin/v1/upstreams")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(door, HttpMethod.Get, "admin/v1/docs")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(door, HttpMethod.Get, "v1/models")).ShouldBe(HttpStatusCode.OK); // nobody needs a key there
    }

    [Fact]
    public async Task Behind_what_ends_tls_the_cookie_is_for_tls_alone()
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key });

        using var begun = await door.AskAsync(HttpMethod.Post, Address, null, Body(Key), ("Origin", "https://gateway.test"), ("Host", "gateway.test"));

        begun.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ShouldContain("secure");
    }

    [Theory]
    [InlineData("""{"key":"sk-nobodys-key-00000000000000"}""", 401, "invalid_api_key")]
    [InlineData("{}", 401, "invalid_api_key")]
    [InlineData("""{"key":"sk-of-inference-00000001"}""", 403, "missing_scope")]
    [InlineData("""{"key":5}""", 400, "invalid_type")]
    [InlineData("""{"kee":"x"}""", 400, "unknown_parameter")]
    [InlineData("[]", 400, null)]
    public async Task What_does_not_open_administration_begins_nothing(string body, int status, string? code)
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key, Keys = new[] { new { Name = "a", Key = "sk-of-inference-00000001" } } });

        using var answer = await door.AskAsync(HttpMethod.Post, Address, null, body);

        ((int)answer.StatusCode).ShouldBe(status);
        var error = await answer.ErrorAsync();
        if (code is not null) ((string?)error["code"]).ShouldBe(code);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await StatusAsync(door, HttpMethod.Get, "admin/v1/upstreams")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Wrong_keys_are_slowed_as_anywhere_else_and_a_right_one_is_not()
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key, BruteForce = new { Free = 1, Most = 2, Delay = "00:00:00.010" } });
        foreach (var expected in (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests])
        {
            using var refused = await BeginAsync(door, "sk-nobodys-key-00000000000000");
            refused.StatusCode.ShouldBe(expected);
        }

        using var begun = await BeginAsync(door, Key);
        begun.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null, null, false, false)]
    [InlineData("same-origin", null, false, false)]
    [InlineData("same-origin", null, true, true)]
    [InlineData("same-site", null, true, false)]
    [InlineData("cross-site", null, true, false)]
    [InlineData("none", null, true, false)]
    [InlineData(null, "own", true, true)]
    [InlineData(null, "own", false, false)]
    [InlineData(null, "http://evil.test", true, false)]
    [InlineData(null, "null", true, false)]
    [InlineData(null, null, true, false)]
    public async Task A_session_changes_something_only_from_its_own_page(string? site, string? origin, bool token, bool allowed)
    {
        await using var folder = new DatabaseFolder();
        await using var door = await Door.OpenAsync(new { AdminKey = Key, Database = folder.Database });
        var csrf = (await (await BeginAsync(door, Key)).JsonAsync())["csrf"]!.GetValue<string>();
        List<(string, string)> headers = [];
        if (site is not null) headers.Add(("Sec-Fetch-Site", site));
        if (origin is not null) headers.Add(("Origin", origin == "own" ? door.Address.GetLeftPart(UriPartial.Authority) : origin));
        if (token) headers.Add(("x-gateway-csrf", csrf));

        using var answer = await door.AskAsync(HttpMethod.Post, "admin/v1/keys", null, """{"name":"made"}""", [.. headers]);

        answer.IsSuccessStatusCode.ShouldBe(allowed, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        if (!allowed) answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized);
        using var list = await door.AskAsync(HttpMethod.Get, "admin/v1/keys", Key);
        (await list.JsonAsync())["data"]!.AsArray().Count.ShouldBe(allowed ? 1 : 0);
    }

    [Fact]
    public async Task Another_sites_page_does_not_even_look_and_cannot_sign_anybody_in()
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key });
        using (var signedIn = await door.AskAsync(HttpMethod.Post, Address, null, Body(Key), ("Origin", "http://evil.test"))) (await signedIn.ErrorAsync())["code"]!.GetValue<string>().ShouldBe("csrf");
        (await BeginAsync(door, Key)).EnsureSuccessStatusCode().Dispose();

        (await StatusAsync(door, HttpMethod.Get, "admin/v1/upstreams", ("Sec-Fetch-Site", "cross-site"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(door, HttpMethod.Get, "admin/v1/upstreams", ("Origin", "http://evil.test"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(door, HttpMethod.Get, "admin/v1/upstreams", ("Sec-Fetch-Site", "none"))).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(1, 1, true, false)]
    [InlineData(8, 6, true, true)]
    [InlineData(59, 59, true, true)]
    [InlineData(61, 61, false, false)]
    [InlineData(719, 1, true, false)]
    [InlineData(721, 1, false, false)]
    public async Task A_session_ends_when_nobody_uses_it_and_twelve_hours_after_its_beginning(int minutesOld, int minutesUnseen, bool good, bool renewed)
    {
        await using var door = await Door.OpenAsync(new { AdminKey = Key });
        var now = TimeProvider.System.GetUtcNow();
        var session = new Session(Guid.NewGuid(), KeyHash.Of(Key), now.AddMinutes(-minutesOld), now.AddMinutes(-minutesUnseen));

        using var answer = await door.AskAsync(HttpMethod.Get, "admin/v1/upstreams", null, null, ("Cookie", $"{SessionCookie.Name}={session.Seal(door.Services.GetRequiredService<SessionSeal>())}"));

        answer.StatusCode.ShouldBe(good ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        answer.Headers.Contains("Set-Cookie").ShouldBe(renewed);
    }

    [Fact]
    public async Task Another_replica_with_the_same_admin_key_takes_the_session_and_one_with_another_does_not()
    {
        await using var first = await Door.OpenAsync(new { AdminKey = Key });
        await using var second = await Door.OpenAsync(new { AdminKey = Key });
        await using var other = await Door.OpenAsync(new { AdminKey = "sk-another-admin-key-0000" });
        using var begun = await BeginAsync(first, Key);
        var cookie = begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        (await StatusAsync(second, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(other, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie))).ShouldBe(HttpStatusCode.Unauthorized);
        var forged = cookie[..^6] + (cookie[^6] == 'A' ? 'B' : 'A') + cookie[^5..];
        foreach (var bad in (string[])[forged, cookie + "AAAA", "gateway-session=", "gateway-session=x", "gateway-session=" + new string('A', 4_000)])
            (await StatusAsync(second, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", bad))).ShouldBe(HttpStatusCode.Unauthorized, bad);
    }

    [Fact]
    public async Task The_page_is_told_whether_it_is_signed_in_and_signs_out()
    {
        await using var folder = new DatabaseFolder();
        await using var door = await Door.OpenAsync(new { AdminKey = Key, folder.Database });
        using (var nobody = await door.AskAsync(HttpMethod.Get, Address, null))
        {
            var entry = await nobody.JsonAsync();
            entry["signed_in"]!.GetValue<bool>().ShouldBeFalse();
            entry["needs_key"]!.GetValue<bool>().ShouldBeTrue();
            foreach (var nothing in (string[])["name", "csrf", "ends_at", "serves_calls"]) entry[nothing].ShouldBeNull(nothing);
        }

        var csrf = (await (await BeginAsync(door, Key)).JsonAsync())["csrf"]!.GetValue<string>();
        using (var somebody = await door.AskAsync(HttpMethod.Get, Address, null)) (await somebody.JsonAsync())["csrf"]!.GetValue<string>().ShouldBe(csrf);

        (await StatusAsync(door, HttpMethod.Delete, Address, ("Sec-Fetch-Site", "same-origin"))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(door, HttpMethod.Delete, Address, ("Sec-Fetch-Site", "same-origin"), ("x-gateway-csrf", csrf))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(door, HttpMethod.Get, "admin/v1/upstreams")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Who_signs_out_at_one_gateway_is_signed_out_of_all_within_a_second_and_after_a_restart()
    {
        await using var folder = new DatabaseFolder();
        await using var first = await Door.OpenAsync(new { AdminKey = Key, folder.Database });
        await using var second = await Door.OpenAsync(new { AdminKey = Key, folder.Database });
        using var stays = await BeginAsync(first, Key);
        var other = stays.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var begun = await BeginAsync(first, Key); // which is the browser's from now on
        var (cookie, csrf) = (begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0], (await begun.JsonAsync())["csrf"]!.GetValue<string>());
        (await StatusAsync(second, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie))).ShouldBe(HttpStatusCode.OK);

        (await StatusAsync(first, HttpMethod.Delete, Address, ("Sec-Fetch-Site", "same-origin"), ("x-gateway-csrf", csrf))).ShouldBe(HttpStatusCode.OK);
        var ended = Stopwatch.GetTimestamp();

        await Eventually.TrueAsync(async () => await StatusAsync(second, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie)) == HttpStatusCode.Unauthorized);
        Stopwatch.GetElapsedTime(ended).ShouldBeLessThan(TimeSpan.FromSeconds(5)); // half a second on an idle machine
        (await StatusAsync(second, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", other))).ShouldBe(HttpStatusCode.OK);
        await using var third = await Door.OpenAsync(new { AdminKey = Key, folder.Database });
        (await StatusAsync(third, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(third, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", other))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_sign_out_while_the_database_is_away_holds_here_at_once_and_elsewhere_once_it_is_back()
    {
        await using var folder = new DatabaseFolder();
        var away = Path.Combine(folder.Folder, "later");
        var database = $"Data Source={Path.Combine(away, "gateway.db")}";
        await using var first = await Door.OpenAsync(new { AdminKey = Key, Database = database });
        using var stays = await BeginAsync(first, Key);
        var other = stays.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var begun = await BeginAsync(first, Key); // which is the browser's from now on
        var (cookie, csrf) = (begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0], (await begun.JsonAsync())["csrf"]!.GetValue<string>());

        (await StatusAsync(first, HttpMethod.Delete, Address, ("Sec-Fetch-Site", "same-origin"), ("x-gateway-csrf", csrf))).ShouldBe(HttpStatusCode.OK);

        (await StatusAsync(first, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie))).ShouldBe(HttpStatusCode.Unauthorized);
        Directory.CreateDirectory(away);
        await using var second = await Door.OpenAsync(new { AdminKey = Key, Database = database });
        using (var made = await second.AskAsync(HttpMethod.Post, "admin/v1/keys", Key, """{"name":"a"}""")) made.StatusCode.ShouldBe(HttpStatusCode.OK); // so that there is a file
        await Eventually.TrueAsync(async () =>
        {
            (await StatusAsync(first, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", other))).ShouldBe(HttpStatusCode.OK);
            return await StatusAsync(second, HttpMethod.Get, "admin/v1/upstreams", ("Cookie", cookie)) == HttpStatusCode.Unauthorized;
        });
    }

    [Theory]
    [InlineData("own", true)]
    [InlineData("http://evil.test", false)]
    public async Task Without_any_key_only_this_machines_own_page_signs_in(string origin, bool allowed)
    {
        await using var door = await Door.OpenAsync(new { });

        using var answer = await door.AskAsync(HttpMethod.Post, Address, null, "{}", ("Origin", origin == "own" ? door.Address.GetLeftPart(UriPartial.Authority) : origin));
        answer.IsSuccessStatusCode.ShouldBe(allowed);
        using var renamed = await door.AskAsync(HttpMethod.Post, Address, null, "{}", ("Host", "rebound.test"), ("Origin", "http://rebound.test"));
        renamed.StatusCode.ShouldBe(HttpStatusCode.Unauthorized); // a name that was turned to loopback
    }

    [Fact]
    public async Task The_playground_calls_models_as_the_console_whatever_the_admin_key_may_not()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Asking.Plain);
        await using var door = await Door.OpenAsync(new
        {
            AdminKey = Key,
            Keys = new[] { new { Name = "a", Key = "sk-of-inference-00000001" } },
            Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString() } },
            Models = new { m = new { Targets = new[] { new { Upstream = "east" } } } },
        });
        var csrf = (await (await BeginAsync(door, Key)).JsonAsync())["csrf"]!.GetValue<string>();
        const string Ask = """{"model":"m","messages":[{"role":"user","content":"hi"}]}""";

        using (var refused = await door.AskAsync(HttpMethod.Post, "admin/v1/playground/chat/completions", null, Ask)) refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        upstream.Received.ShouldBeEmpty();
        using var answered = await door.AskAsync(HttpMethod.Post, "admin/v1/playground/chat/completions", null, Ask, ("Sec-Fetch-Site", "same-origin"), ("x-gateway-csrf", csrf));
        (await answered.JsonAsync())["object"]!.GetValue<string>().ShouldBe("chat.completion");
        upstream.Received.ShouldHaveSingleItem().Headers.Keys.ShouldNotContain("cookie", StringComparer.OrdinalIgnoreCase);
        using var models = await door.AskAsync(HttpMethod.Get, "admin/v1/playground/models", null);
        (await models.JsonAsync())["data"]!.AsArray().Select(model => (string?)model!["id"]).ShouldBe(["m"]);
        (await door.StatusAsync(Key)).ShouldBe(HttpStatusCode.Forbidden); // the admin key itself calls no model
    }

    private static string Body(string key) => $$"""{"key":"{{key}}"}""";

    private static Task<HttpResponseMessage> BeginAsync(Door door, string key) => door.AskAsync(HttpMethod.Post, Address, null, Body(key));

    private static async Task<HttpStatusCode> StatusAsync(Door door, HttpMethod method, string path, params (string, string)[] headers)
    {
        using var answer = await door.AskAsync(method, path, null, null, headers);
        return answer.StatusCode;
    }

    private sealed class DatabaseFolder : IAsyncDisposable
    {
        private readonly TemporaryFolder folder = new();

        public string Folder => folder.Path;

        public string Database => $"Data Source={folder.File("gateway.db")}";

        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
