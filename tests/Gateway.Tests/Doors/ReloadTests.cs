using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Gateway.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Doors;

public class ReloadTests
{
    private const string Good = """{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    private const string Chunk = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Last = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static object Settings(FakeUpstream upstream, params string[] models) => new
    {
        Upstreams = new { a = new { Address = new Uri(upstream.Address, "v1") } },
        Models = models.ToDictionary(name => name, _ => new { Targets = new[] { new { Upstream = "a" } }, Breaker = new { Failures = 1, Break = "00:10:00" }, Retries = 0 }),
    };

    [Fact]
    public async Task A_changed_file_is_in_force_soon_and_streams_run_on_undisturbed()
    {
        var go = new TaskCompletionSource();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(Chunk);
            await http.Response.Body.FlushAsync();
            await go.Task;
            await http.Response.WriteAsync(Last);
        }).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(Settings(upstream, "old"));
        using var stream = await door.ChatAsync("old", stream: true);

        var began = Stopwatch.GetTimestamp();
        await door.WriteSettingsAsync(Settings(upstream, "new"));
        await Eventually.TrueAsync(() => door.Log.Text.Contains("read anew"));
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(2));

        using var added = await door.ChatAsync("new");
        added.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var removed = await door.ChatAsync("old");
        removed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        go.SetResult();
        (await stream.Content.ReadAsStringAsync(Cancellation)).ShouldBe(Chunk + Last);
    }

    [Theory]
    [InlineData("""{ "Gateway": { "Modles": { }, "RetryBudget": { "Floor": -1 } } }""", "Gateway:Modles", "Gateway:RetryBudget:Floor")]
    [InlineData("""{ "Gateway": { "Models": { "m": { "Targets": [ { "Upstream": "b" } ], "Fallbacks": [ "gone" ], "Retries": "many" } } } }""", "there is no 'b'", "no model 'gone' is published")]
    [InlineData("""{ "Gateway": { "Models": """, "gateway.json", "JSON")]
    [InlineData("[]", "gateway.json", "an object is expected")]
    [InlineData("", "gateway.json", "JSON")]
    public async Task A_file_that_cannot_be_used_leaves_the_old_one_in_force_and_every_error_is_said(string text, string first, string second)
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(Settings(upstream, "m"));

        await File.WriteAllTextAsync(door.SettingsFile, text, Cancellation);
        (await door.Services.GetRequiredService<SettingsReload>().ReloadAsync(Cancellation)).ShouldBeFalse();

        door.Log.Text.ShouldContain("Error The changed settings cannot be used, the old ones stay in force");
        door.Log.Text.ShouldContain(first);
        door.Log.Text.ShouldContain(second);
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await door.ReloadAsync(Settings(upstream, "m", "n"))).ShouldBeTrue();
        (await door.ChatAsync("n")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_fallback_that_is_not_published_is_an_error_too()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(Settings(upstream, "m"));

        (await door.ReloadAsync(new
        {
            Upstreams = new { a = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "a" } }, Fallbacks = new[] { "gone" } }, n = new { Targets = new[] { new { Local = "nowhere" } } } },
        })).ShouldBeFalse();

        door.Log.Text.ShouldContain("no model 'gone' is published");
        door.Log.Text.ShouldContain("no local model 'nowhere' is served");
    }

    [Fact]
    public async Task What_may_be_a_mistake_is_said_at_start_and_again_when_the_settings_change()
    {
        await using var door = await Door.OpenAsync(new { }, null, "--Gateway:ModelsFolder=/does/not/exist");
        await Eventually.TrueAsync(() => door.Log.Text.Contains("Warning Gateway:ModelsFolder: there is no folder '/does/not/exist'"));

        (await door.ReloadAsync(new { Teams = new { red = new { } }, Keys = new[] { new { Name = "a", Key = "sk-12345678", Team = "rde" } } })).ShouldBeTrue();

        door.Log.Text.ShouldContain("Warning Gateway:Keys:0:Team: 'rde' has no limits in Gateway:Teams; it is for usage alone");
    }

    [Fact]
    public async Task A_key_that_changes_in_its_file_is_used()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key");
        await File.WriteAllTextAsync(file, "sk-first", Cancellation);
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { a = new { Address = new Uri(upstream.Address, "v1"), ApiKeyFile = file } },
            Models = new { m = new { Targets = new[] { new { Upstream = "a" } } } },
        });
        (await door.ChatAsync("m")).Dispose();

        await File.WriteAllTextAsync(file, "sk-second-one", Cancellation);
        await Eventually.TrueAsync(() => door.Log.Text.Contains("read anew"));
        (await door.ChatAsync("m")).Dispose();
        await File.WriteAllTextAsync(file, "", Cancellation);
        await Eventually.TrueAsync(() => door.Log.Text.Contains("holds no key"));
        (await door.ChatAsync("m")).Dispose();

        upstream.Received.Select(received => received.Headers["Authorization"]).ShouldBe(["Bearer sk-first", "Bearer sk-second-one", "Bearer sk-second-one"]);
        door.Log.Text.ShouldNotContain("sk-");
    }

    [Fact]
    public async Task What_is_known_of_a_target_is_kept_as_long_as_it_is_the_same()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(500, "{}").ThenJson(200, Good);
        await using var door = await Door.OpenAsync(Settings(upstream, "m"));
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        var before = door.Target("m", "a");
        var latency = door.Services.GetRequiredService<LiveSettings>().Current.Catalogue.Find("m")!.Latency;

        (await door.ReloadAsync(Settings(upstream, "m", "n"))).ShouldBeTrue();

        door.Target("m", "a").ShouldBe(before);
        door.Services.GetRequiredService<LiveSettings>().Current.Catalogue.Find("m")!.Latency.ShouldBe(latency); // what hedges wait for
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable); // its breaker is still open
        (await door.ChatAsync("n")).StatusCode.ShouldBe(HttpStatusCode.OK); // another model there is another target

        await using var elsewhere = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        (await door.ReloadAsync(Settings(elsewhere, "m"))).ShouldBeTrue();
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.OK); // a repaired address begins with a clean record
    }

    [Fact]
    public async Task Running_calls_keep_the_settings_that_they_began_with()
    {
        var go = new TaskCompletionSource();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await go.Task;
            http.Response.StatusCode = 500;
        }).ThenJson(200, Good);
        object Two(int retries) => new
        {
            Upstreams = new { a = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "a" } }, Retries = retries } },
        };
        await using var door = await Door.OpenAsync(Two(1));
        var running = door.ChatAsync("m");
        await Eventually.TrueAsync(() => upstream.Received.Count == 1);

        (await door.ReloadAsync(Two(0))).ShouldBeTrue();
        go.SetResult();

        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Received.Count.ShouldBe(2);
    }
}
