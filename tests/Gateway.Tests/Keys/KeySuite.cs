using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Keys;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Keys;

/// <summary>Keys of the database by the admin API, whatever database is behind.</summary>
public abstract class KeySuite : IAsyncLifetime
{
    private const string Admin = "the-admin-key";
    private readonly List<Door> doors = [];
    private FakeUpstream upstream = null!;

    protected string DatabaseText { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A new, empty one.</summary>
    protected abstract Task<string> NewDatabaseAsync();

    public virtual async ValueTask InitializeAsync()
    {
        DatabaseText = await NewDatabaseAsync();
        upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Asking.Plain);
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var door in doors) await door.DisposeAsync();
        if (upstream is not null) await upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<Door> OpenAsync(TimeProvider? time = null)
    {
        var door = await Door.OpenAsync(new
        {
            AdminKey = Admin,
            Database = DatabaseText,
            StoredCompletions = new { Enabled = true },
            Teams = new { red = new { RequestsPerDay = 1_000_000 } },
            Upstreams = new { u = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "u" } } }, other = new { Targets = new[] { new { Upstream = "u" } } } },
        }, services => { if (time is not null) services.AddSingleton(time); });
        doors.Add(door);
        return door;
    }

    private protected static async Task<JsonNode> AdminAsync(Door door, HttpMethod method, string path, string? json = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await door.AskAsync(method, "admin/v1/" + path, Admin, json);
        return await answer.JsonAsync(expected);
    }

    private protected static async Task<(string Id, string Key)> CreateAsync(Door door, string json = """{"name":"a"}""")
    {
        var made = await AdminAsync(door, HttpMethod.Post, "keys", json);
        return ((string)made["id"]!, (string)made["key"]!);
    }

    private static Task<JsonNode> PatchAsync(Door door, string id, string json, HttpStatusCode expected = HttpStatusCode.OK) => AdminAsync(door, HttpMethod.Patch, "keys/" + id, json, expected);

    [Theory]
    [InlineData("keys?after=nope", "after", "not_found", HttpStatusCode.NotFound)]
    [InlineData("keys?after=key_0", "after", "not_found", HttpStatusCode.NotFound)]
    [InlineData("keys?limits=1", "limits", "unknown_parameter", HttpStatusCode.BadRequest)]
    [InlineData("audit?after=nope", "after", "not_found", HttpStatusCode.NotFound)]
    [InlineData("audit?page=1", "page", "unknown_parameter", HttpStatusCode.BadRequest)]
    [InlineData("queues?limit=1&after=x", "after", "unknown_parameter", HttpStatusCode.BadRequest)]
    [InlineData("upstreams?name=u", "name", "unknown_parameter", HttpStatusCode.BadRequest)]
    public async Task A_list_is_asked_for_by_what_it_knows(string list, string param, string code, HttpStatusCode status)
    {
        var door = await OpenAsync();

        var error = (await AdminAsync(door, HttpMethod.Get, list, expected: status))["error"]!;

        ((string?)error["param"], (string?)error["code"]).ShouldBe((param, code));
    }

    [Theory]
    [InlineData("""{"name":"a","name":"b"}""", "name", "duplicate_parameter")]
    [InlineData("""{"name":"a","n\u0061me":"b"}""", "name", "duplicate_parameter")]
    [InlineData("""{"name":"\ud800"}""", null, null)]
    [InlineData("""["a"]""", null, null)]
    public async Task A_key_is_described_once(string json, string? param, string? code)
    {
        var door = await OpenAsync();
        var (id, _) = await CreateAsync(door);

        foreach (var (method, path) in new[] { (HttpMethod.Post, "keys"), (HttpMethod.Patch, "keys/" + id) })
        {
            var error = (await AdminAsync(door, method, path, json, HttpStatusCode.BadRequest))["error"]!;
            ((string?)error["param"], (string?)error["code"]).ShouldBe((param, code));
        }

        (await AdminAsync(door, HttpMethod.Get, "keys"))["data"]!.AsArray().Select(key => (string?)key!["name"]).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_key_is_shown_once_and_opens_until_it_is_deleted()
    {
        var door = await OpenAsync();

        var made = await AdminAsync(door, HttpMethod.Post, "keys", """{"name":"a","team":"red","models":["m"],"requests_per_minute":60,"budget_per_month":20.50,"queue_timeout":5,"expires_at":4102444800}""");
        var (id, key) = ((string)made["id"]!, (string)made["key"]!);

        key.ShouldMatch("^sk-[A-Za-z0-9]{43}$");
        ((string)made["prefix"]!).ShouldBe(key[..11] + "…");
        ((string)made["budget_per_month"]!.ToJsonString(), (int)made["requests_per_minute"]!, (string)made["queue_timeout"]!, (long)made["expires_at"]!, made["tokens_per_day"]).ShouldBe(("20.50", 60, "00:00:05", 4102444800, null));
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync(key, "other")).ShouldBe(HttpStatusCode.Forbidden);
        made.AsObject().Remove("key");
        JsonNode.DeepEquals(await AdminAsync(door, HttpMethod.Get, "keys/" + id), made).ShouldBeTrue();
        JsonNode.DeepEquals((await AdminAsync(door, HttpMethod.Get, "keys"))["data"]!.AsArray().ShouldHaveSingleItem(), made).ShouldBeTrue();

        (await AdminAsync(door, HttpMethod.Delete, "keys/" + id)).ToJsonString().ShouldBe($$"""{"id":"{{id}}","object":"key.deleted","deleted":true}""");
        (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete, HttpMethod.Patch]) await AdminAsync(door, method, "keys/" + id, method == HttpMethod.Patch ? "{}" : null, HttpStatusCode.NotFound);
        await AdminAsync(door, HttpMethod.Post, $"keys/{id}/rotate", null, HttpStatusCode.NotFound);
        (await AdminAsync(door, HttpMethod.Get, "keys"))["data"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tokens_per_minute", "1125899906842624", "1125899906842625")]
    [InlineData("tokens_per_day", "1125899906842624", "1125899906842625")]
    [InlineData("budget_per_day", "90000000", "90000000.01")]
    [InlineData("budget_per_month", "90000000", "90000000.01")]
    [InlineData("requests_per_minute", "2147483647", "2147483648")]
    public async Task More_than_can_be_counted_exactly_is_no_limit(string field, string most, string more)
    {
        var door = await OpenAsync();
        var (id, _) = await CreateAsync(door, $$"""{"name":"a","{{field}}":{{most}}}""");

        ((string?)(await PatchAsync(door, id, $$"""{"{{field}}":{{more}}}""", HttpStatusCode.BadRequest))["error"]!["param"]).ShouldBe(field);
        ((string?)(await AdminAsync(door, HttpMethod.Post, "keys", $$"""{"name":"b","{{field}}":{{more}}}""", HttpStatusCode.BadRequest))["error"]!["param"]).ShouldBe(field);
        (await AdminAsync(door, HttpMethod.Get, "keys/" + id))[field]!.ToJsonString().ShouldBe(most);
    }

    [Fact]
    public async Task The_first_key_anywhere_ends_calls_without_one_everywhere_and_so_it_stays()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        (await one.StatusAsync(null)).ShouldBe(HttpStatusCode.OK);
        (await two.StatusAsync("none")).ShouldBe(HttpStatusCode.OK); // as a client sends one that its SDK wants

        var (id, key) = await CreateAsync(one);

        (await one.StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);
        await Eventually.TrueAsync(async () => await two.StatusAsync(null) == HttpStatusCode.Unauthorized);
        (await two.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        await AdminAsync(two, HttpMethod.Delete, "keys/" + id);
        (await two.StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await (await OpenAsync()).StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized); // a restart remembers
    }

    [Fact]
    public async Task A_key_that_is_disabled_at_one_gateway_is_dead_at_the_other_within_a_second()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var times = new List<TimeSpan>();
        foreach (var round in Enumerable.Range(0, 5))
        {
            var (id, key) = await CreateAsync(one, $$"""{"name":"a{{round}}"}""");
            (await two.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
            (await one.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);

            await PatchAsync(two, id, """{"disabled":true}""");
            var watch = Stopwatch.StartNew();
            (await two.StatusAsync(key)).ShouldBe(HttpStatusCode.Unauthorized);
            await Eventually.TrueAsync(async () => await one.StatusAsync(key) == HttpStatusCode.Unauthorized);
            times.Add(watch.Elapsed);

            await PatchAsync(two, id, """{"disabled":false}""");
            (await one.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        }

        times.Order().ElementAt(2).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:0} ms")));
    }

    [Fact]
    public async Task What_is_changed_holds_for_the_next_call()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (id, key) = await CreateAsync(one, """{"name":"a","requests_per_minute":5,"priority":3,"max_concurrent":2}""");
        (await two.StatusAsync(key, "other")).ShouldBe(HttpStatusCode.OK);

        var changed = await PatchAsync(one, id, """{"models":["m"],"requests_per_minute":null,"name":"b","team":"red"}""");

        (changed["requests_per_minute"], (int)changed["priority"]!, (int)changed["max_concurrent"]!, (string)changed["name"]!).ShouldBe((null, 3, 2, "b"));
        (await one.StatusAsync(key, "other")).ShouldBe(HttpStatusCode.Forbidden);
        await two.Services.GetRequiredService<KeyFeed>().PollAsync(Cancellation);
        (await two.StatusAsync(key, "other")).ShouldBe(HttpStatusCode.Forbidden);
        var caller = await two.Services.GetRequiredService<KeyRing>().FindAsync(KeyHash.Of(key), Cancellation);
        (caller!.Id, caller.Name, caller.Team, caller.TeamLimits.RequestsPerDay, caller.Limits.MaxConcurrent).ShouldBe((id, "b", "red", 1_000_000, 2));
    }

    [Fact]
    public async Task After_a_rotation_both_keys_open_for_the_grace_and_then_the_new_one()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
        var door = await OpenAsync(time);
        var (id, first) = await CreateAsync(door);
        var second = (string)(await AdminAsync(door, HttpMethod.Post, $"keys/{id}/rotate", """{"grace":60}"""))["key"]!;
        var third = (string)(await AdminAsync(door, HttpMethod.Post, $"keys/{id}/rotate", """{"grace":"00:02:00"}"""))["key"]!;

        (await StatusesAsync()).ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK]);
        time.Advance(TimeSpan.FromSeconds(60)); // a second rotation does not lengthen the first one's grace
        (await StatusesAsync()).ShouldBe([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK]);
        time.Advance(TimeSpan.FromSeconds(60));
        (await StatusesAsync()).ShouldBe([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK]);
        var fourth = (string)(await AdminAsync(door, HttpMethod.Post, $"keys/{id}/rotate", """{"grace":0}"""))["key"]!;
        (await door.StatusAsync(third)).ShouldBe(HttpStatusCode.Unauthorized);
        (await door.StatusAsync(fourth)).ShouldBe(HttpStatusCode.OK);

        async Task<HttpStatusCode[]> StatusesAsync() => [await door.StatusAsync(first), await door.StatusAsync(second), await door.StatusAsync(third)];
    }

    [Fact]
    public async Task Unknown_expired_disabled_and_deleted_keys_get_the_same_bytes()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
        var door = await OpenAsync(time);
        var keys = new[] { await CreateAsync(door, """{"name":"a","expires":"2026-11-27T12:00:10Z"}"""), await CreateAsync(door), await CreateAsync(door), await CreateAsync(door, """{"name":"c","expires_at":null}""") };
        foreach (var (_, key) in keys) (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromSeconds(10));
        await PatchAsync(door, keys[1].Id, """{"disabled":true}""");
        await AdminAsync(door, HttpMethod.Delete, "keys/" + keys[2].Id);
        (await door.StatusAsync(keys[3].Key)).ShouldBe(HttpStatusCode.OK);

        var answers = new HashSet<string>();
        foreach (var key in keys.Take(3).Select(key => key.Key).Append("sk-" + new string('x', 43)))
        {
            using var answer = await door.ChatAsync(key, "m");
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            body.ShouldNotContain(key);
            answers.Add(body.Replace(GivenKey.Masked(key), "MASKED", StringComparison.Ordinal) + string.Join('\n', answer.Headers.Select(header => header.Key).Order()));
        }

        answers.ShouldHaveSingleItem().ShouldContain("MASKED");
    }

    [Fact]
    public async Task A_list_has_pages_in_both_directions_and_filters()
    {
        var door = await OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 7; i++) ids.Add((await CreateAsync(door, $$"""{"name":"n{{i}}","team":{{(i % 2 == 0 ? "\"red\"" : "null")}}}""")).Id);

        (await PagesAsync("limit=3&order=asc")).ShouldBe(ids);
        (await PagesAsync("limit=2")).ShouldBe(Enumerable.Reverse(ids));
        (await PagesAsync("limit=3&order=asc&team=red")).ShouldBe([ids[0], ids[2], ids[4], ids[6]]);
        (await PagesAsync("name=n3")).ShouldBe([ids[3]]);

        async Task<List<string>> PagesAsync(string query)
        {
            var seen = new List<string>();
            for (var after = ""; ;)
            {
                var page = await AdminAsync(door, HttpMethod.Get, $"keys?{query}&after={after}");
                seen.AddRange(page["data"]!.AsArray().Select(entry => (string)entry!["id"]!));
                if (!(bool)page["has_more"]!) return seen;
                after = (string)page["last_id"]!;
            }
        }
    }

    [Fact]
    public async Task Every_change_is_written_down_with_who_made_it_and_without_secrets()
    {
        var door = await OpenAsync();
        var (id, key) = await CreateAsync(door, """{"name":"a","scopes":["admin"]}""");
        using (var answer = await door.AskAsync(HttpMethod.Patch, "admin/v1/keys/" + id, key, """{"name":"b"}""")) (await answer.JsonAsync())["name"]!.ToString().ShouldBe("b");
        var rotated = (string)(await AdminAsync(door, HttpMethod.Post, $"keys/{id}/rotate"))["key"]!;
        await AdminAsync(door, HttpMethod.Delete, "keys/" + id);
        await PatchAsync(door, id, """{"name":"c"}""", HttpStatusCode.NotFound);
        await PatchAsync(door, id, """{"name":5}""", HttpStatusCode.NotFound);

        var audit = await AdminAsync(door, HttpMethod.Get, $"audit?order=asc&target={id}");
        var entries = audit["data"]!.AsArray();

        entries.Select(entry => (string)entry!["what"]!).ShouldBe(["key.create", "key.update", "key.rotate", "key.delete"]);
        entries.Select(entry => (string)entry!["who"]!).ShouldBe(["admin", id, "admin", "admin"]);
        entries.ShouldAllBe(entry => (string)entry!["address"]! == "127.0.0.1" && ((string)entry["request_id"]!).StartsWith("req_"));
        (entries[0]!["before"], (string)entries[0]!["after"]!["name"]!).ShouldBe((null, "a"));
        ((string)entries[1]!["before"]!["name"]!, (string)entries[1]!["after"]!["name"]!).ShouldBe(("a", "b"));
        ((string)entries[2]!["after"]!["prefix"]!).ShouldBe(rotated[..11] + "…");
        entries[3]!["after"].ShouldBeNull();
        foreach (var secret in (string[])[key, rotated]) audit.ToJsonString().ShouldNotContain(secret[12..]);
        var page = await AdminAsync(door, HttpMethod.Get, "audit?limit=1&what=key.rotate");
        page["data"]!.AsArray().ShouldHaveSingleItem();
        (await AdminAsync(door, HttpMethod.Get, $"audit?after={entries[2]!["id"]}"))["data"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Gateways_that_start_together_on_an_empty_database_share_their_keys()
    {
        var all = await Task.WhenAll(OpenAsync(), OpenAsync(), OpenAsync());

        var keys = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => CreateAsync(all[i % 3], $$"""{"name":"k{{i}}"}""")));

        foreach (var door in all)
            foreach (var (_, key) in keys.Take(6)) (await door.StatusAsync(key)).ShouldBe(HttpStatusCode.OK);
        (await AdminAsync(all[0], HttpMethod.Get, "keys?limit=100"))["data"]!.AsArray().Select(entry => (string)entry!["id"]!).ShouldBe(keys.Select(key => key.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task A_stored_completion_is_its_keys_own()
    {
        var door = await OpenAsync();
        var (first, second) = (await CreateAsync(door), await CreateAsync(door));
        (await door.StatusAsync(first.Key)).ShouldBe(HttpStatusCode.OK); // the upstream's first answer is for all
        await StoreAsync(first.Key, "mine");
        await StoreAsync(second.Key, "theirs");

        (await IdsAsync(first.Key, "")).ShouldBe(["mine"]);
        (await IdsAsync(second.Key, "")).ShouldBe(["theirs"]);
        foreach (var (method, path, json) in ((HttpMethod, string, string?)[])[(HttpMethod.Get, "theirs", null), (HttpMethod.Get, "theirs/messages", null), (HttpMethod.Post, "theirs", """{"metadata":{}}"""), (HttpMethod.Delete, "theirs", null)])
        {
            using var refused = await door.AskAsync(method, "v1/chat/completions/" + path, first.Key, json);
            refused.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{method} {path}");
        }

        using (var after = await door.AskAsync(HttpMethod.Get, "v1/chat/completions?after=theirs", first.Key)) after.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await IdsAsync(second.Key, "metadata[k]=v")).ShouldBe(["theirs"]); // nobody's attempt took its metadata

        async Task StoreAsync(string key, string id)
        {
            upstream.ThenJson(200, Asking.Plain.Replace("chatcmpl-1", id, StringComparison.Ordinal));
            using var answer = await door.AskAsync(HttpMethod.Post, "v1/chat/completions", key, """{"model":"m","store":true,"metadata":{"k":"v"},"messages":[{"role":"user","content":"hi"}]}""");
            (await answer.JsonAsync())["id"]!.ToString().ShouldBe(id);
        }

        async Task<List<string>> IdsAsync(string key, string query)
        {
            using var answer = await door.AskAsync(HttpMethod.Get, "v1/chat/completions?" + query, key);
            return [.. (await answer.JsonAsync())["data"]!.AsArray().Select(entry => (string)entry!["id"]!)];
        }
    }

    [Fact]
    public async Task A_mistake_is_named_and_changes_nothing()
    {
        var door = await OpenAsync();
        foreach (var (json, param, code) in ((string, string, string)[])
            [
                ("{}", "name", "missing_required_parameter"),
                ("""{"name":""}""", "name", "invalid_value"),
                ("""{"name":7}""", "name", "invalid_type"),
                ("""{"name":"a","team":"\u0000"}""", "team", "invalid_value"),
                ("""{"name":"a","request_per_minute":7}""", "request_per_minute", "unknown_parameter"),
                ("""{"name":"a","key":"sk-mine"}""", "key", "unknown_parameter"),
                ("""{"name":"a","scopes":[]}""", "scopes", "invalid_value"),
                ("""{"name":"a","scopes":"admin"}""", "scopes", "invalid_type"),
                ("""{"name":"a","scopes":["inference","root"]}""", "scopes[1]", "invalid_value"),
                ("""{"name":"a","models":[null]}""", "models[0]", "invalid_type"),
                ("""{"name":"a","expires_at":"soon"}""", "expires_at", "invalid_value"),
                ("""{"name":"a","expires_at":1e300}""", "expires_at", "invalid_value"),
                ("""{"name":"a","disabled":"yes"}""", "disabled", "invalid_type"),
                ("""{"name":"a","requests_per_minute":-1}""", "requests_per_minute", "integer_below_min_value"),
                ("""{"name":"a","requests_per_minute":3000000000}""", "requests_per_minute", "integer_above_max_value"),
                ("""{"name":"a","tokens_per_day":1.5}""", "tokens_per_day", "invalid_type"),
                ("""{"name":"a","budget_per_day":-0.01}""", "budget_per_day", "invalid_value"),
                ("""{"name":"a","budget_per_day":1e300}""", "budget_per_day", "invalid_type"),
                ("""{"name":"a","queue_timeout":"02:00:00"}""", "queue_timeout", "invalid_value"),
                ("""{"name":"a","priority":true}""", "priority", "invalid_type"),
            ])
        {
            var error = (await AdminAsync(door, HttpMethod.Post, "keys", json, HttpStatusCode.BadRequest))["error"]!;
            ((string?)error["param"], (string?)error["code"]).ShouldBe((param, code), json);
        }

        (await AdminAsync(door, HttpMethod.Get, "keys"))["data"]!.AsArray().ShouldBeEmpty();
    }
}
