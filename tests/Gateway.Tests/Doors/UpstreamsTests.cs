using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Doors;

/// <summary>How upstreams of all kinds are asked.</summary>
public class UpstreamsTests
{
    private const string Good = """{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    private const string Chunk = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"there\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Last = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"there\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private const string Done = "data: [DONE]\n\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<Door> OpenAsync(object upstream, object model, string name = "m") => Door.OpenAsync(new { Upstreams = new { a = upstream }, Models = new Dictionary<string, object> { [name] = model } });

    private static object At(string? there = "there") => new { Targets = new[] { new { Upstream = "a", Model = there } } };

    [Fact]
    public async Task Azure_has_the_deployment_in_the_path_the_version_in_the_query_and_the_key_in_its_own_header()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "openai"), Kind = "azure", ApiVersion = "2024-10-21", ApiKey = "the-key" }, At("my deployment"));

        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var received = upstream.Received.ShouldHaveSingleItem();
        received.Target.ShouldBe("/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21");
        received.Headers["api-key"].ShouldBe("the-key");
        received.Headers.ShouldNotContainKey("Authorization");
    }

    [Fact]
    public async Task Azure_is_found_by_the_address_that_its_portal_shows_and_no_caller_leaves_the_path_of_deployments()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(new { Address = upstream.Address.ToString(), Kind = "azure", ApiVersion = "2024-10-21", ApiKey = "the-key" }, At(there: null), "*");

        (await door.ChatAsync("..")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await door.ChatAsync(".")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await door.ChatAsync("../x")).StatusCode.ShouldBe(HttpStatusCode.OK);

        upstream.Received.ShouldHaveSingleItem().Target.ShouldBe("/openai/deployments/..%2Fx/chat/completions?api-version=2024-10-21");
    }

    [Fact]
    public async Task A_key_comes_from_a_file_and_headers_go_with_every_request_in_place_of_the_clients()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key");
        await File.WriteAllTextAsync(file, "sk-from-a-file\n", Cancellation);
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1/"), ApiKeyFile = file, Headers = new Dictionary<string, string> { ["X-Team"] = "ours", ["X-Title"] = "a title" } }, At());
        door.Http.DefaultRequestHeaders.Add("X-Team", "theirs");
        door.Http.DefaultRequestHeaders.Add("Authorization", "Bearer of-the-client");

        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var received = upstream.Received.ShouldHaveSingleItem();
        (received.Target, received.Headers["Authorization"], received.Headers["X-Team"], received.Headers["X-Title"]).ShouldBe(("/v1/chat/completions", "Bearer sk-from-a-file", "ours", "a title"));
    }

    [Fact]
    public async Task Upstreams_at_one_host_and_port_share_connections_and_nothing_else()
    {
        var connections = new ConcurrentQueue<string>();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            connections.Enqueue(http.Connection.Id);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new
            {
                a = new { Address = new Uri(upstream.Address, "v1"), ApiKey = "key-of-a" },
                b = new { Address = new Uri(upstream.Address, "other/v1"), ApiKey = "key-of-b" },
            },
            Models = new { one = new { Targets = new[] { new { Upstream = "a" } } }, two = new { Targets = new[] { new { Upstream = "b" } } } },
        });

        foreach (var model in (string[])["one", "two", "one"]) (await door.ChatAsync(model)).EnsureSuccessStatusCode().Dispose();

        connections.Distinct().ShouldHaveSingleItem();
        upstream.Received.Select(static received => (received.Target, received.Headers["Authorization"])).ShouldBe(
            [("/v1/chat/completions", "Bearer key-of-a"), ("/other/v1/chat/completions", "Bearer key-of-b"), ("/v1/chat/completions", "Bearer key-of-a")]);
    }

    [Fact]
    public async Task As_many_calls_as_an_upstream_takes_and_no_more()
    {
        var go = new TaskCompletionSource();
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            await go.Task;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1"), MaxConcurrent = 2 }, At());
        var running = new[] { door.ChatAsync("m"), door.ChatAsync("m") };
        await Eventually.TrueAsync(() => upstream.Received.Count == 2);

        using (var refused = await door.ChatAsync("m"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await refused.Content.ReadAsStringAsync(Cancellation)).ShouldContain("upstream_saturated");
            refused.Headers.GetValues("x-gateway-attempts").ShouldBe(["0"]);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }

        go.SetResult();
        foreach (var answer in await Task.WhenAll(running)) answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(() => door.Target("m", "a").Upstream.Calls == 0);
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("any/*", "any/org/thing:8b", "any/org/thing:8b")]
    [InlineData("*", "模型", "%E6%A8%A1%E5%9E%8B")]
    [InlineData("*", "a b", "a%20b")]
    public async Task A_pattern_passes_the_name_that_was_asked_for(string pattern, string name, string shown)
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, At(there: null), pattern);

        using var answer = await door.ChatAsync(name);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-model").ShouldBe([shown]);
        JsonDocument.Parse(upstream.Received.ShouldHaveSingleItem().Body).RootElement.GetProperty("model").GetString().ShouldBe(name);
    }

    [Fact]
    public async Task An_alias_is_another_name_for_the_published_model()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, new { Targets = new[] { new { Upstream = "a" } }, Aliases = new[] { "exact", "gpt-4*" } }, "llama3:8b");

        foreach (var name in (string[])["llama3:8b", "exact", "gpt-4o"])
        {
            using var answer = await door.ChatAsync(name);
            answer.Headers.GetValues("x-gateway-model").ShouldBe(["llama3:8b"]);
        }

        upstream.Received.ShouldAllBe(received => received.Body.Contains("\"model\":\"llama3:8b\""));
        using var unknown = await door.ChatAsync("gpt-4");
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await door.Http.GetStringAsync("v1/models", Cancellation)).ShouldContain("\"llama3:8b\"");
        (await door.Http.GetAsync("v1/models/gpt-4o", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await door.Http.GetAsync("v1/models/gpt-4", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("v1/embeddings", "/v1/embeddings")]
    [InlineData("v1/completions", "/v1/completions")]
    [InlineData("v1/rerank", "/v1/rerank")]
    [InlineData("v2/rerank", "/v2/rerank")]
    [InlineData("rerank", "/rerank")]
    [InlineData("v1/classify", "/v1/classify")]
    [InlineData("tokenize", "/tokenize")]
    [InlineData("v1/engines/m/embeddings", "/v1/embeddings")]
    public async Task Every_surface_goes_to_the_upstream(string path, string there)
    {
        const string Answer = """{"object":"list","data":[{"index":0,"embedding":[0.10000000000000000001]}],"usage":{"prompt_tokens":2,"total_tokens":2}}""";
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(503, "{}").ThenJson(200, Answer);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, At());

        using var content = new StringContent("""{"model":"m","input":["a"],"extra":1.50}""", Encoding.UTF8, "application/json");
        using var answer = await door.Http.PostAsync(path, content, Cancellation);

        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe(Answer);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
        upstream.Received.ShouldAllBe(received => received.Target == there && received.Body == """{"model":"there","input":["a"],"extra":1.50}""");
    }

    [Fact]
    public async Task An_upstream_that_does_not_know_the_usage_option_is_asked_once_without_and_never_with_it_again()
    {
        await using var upstream = (await FakeUpstream.StartAsync())
            .ThenJson(400, """{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}""").ThenStream(Chunk, Last, Done);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, new { Targets = new[] { new { Upstream = "a", Model = "there" } }, Retries = 0 });

        for (var call = 0; call < 2; call++)
        {
            using var answer = await door.ChatAsync("m", stream: true);
            (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe(Chunk + Last + Done);
        }

        upstream.Received.Select(received => received.Body.Contains("stream_options")).ShouldBe([true, false, false]);
    }

    [Fact]
    public async Task A_mistake_of_the_callers_that_only_looks_like_it_is_not_remembered()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(400, """{"error":{"message":"messages: must not be empty; got {stream_options: …}"}}""");
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, At());

        (await door.ChatAsync("m", stream: true)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        door.Target("m", "a").RefusesUsage.ShouldBeFalse();
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        upstream.Received.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Usage_that_was_asked_for_and_is_not_reported_is_estimated_and_marked_so()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenStream(Chunk, Chunk, Last, Done);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, At());

        using var answer = await door.ChatAsync("m", stream: true, more: ",\"stream_options\":{\"include_usage\":true}");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        text.ShouldStartWith(Chunk + Chunk + Last + "data: ");
        text.ShouldEndWith(Done);
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var usage = JsonDocument.Parse(events[^2]["data: ".Length..]).RootElement;
        (usage.GetProperty("id").GetString(), usage.GetProperty("choices").GetArrayLength(), usage.GetProperty("usage").GetProperty("estimated").GetBoolean()).ShouldBe(("c", 0, true));
        usage.GetProperty("usage").GetProperty("completion_tokens").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_client_that_asks_for_usage_which_its_upstream_refuses_to_report_gets_an_estimate()
    {
        await using var upstream = (await FakeUpstream.StartAsync())
            .ThenJson(400, """{"detail":"extra fields not permitted: stream_options"}""").ThenStream(Chunk, Last, Done);
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, new { Targets = new[] { new { Upstream = "a", Model = "there" } }, Retries = 0 });

        for (var call = 0; call < 2; call++)
        {
            using var answer = await door.ChatAsync("m", stream: true, more: ",\"stream_options\":{\"include_usage\":true}");
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            text.ShouldStartWith(Chunk + Last + "data: ");
            text.ShouldContain("\"estimated\":true");
            text.ShouldEndWith(Done);
        }

        upstream.Received.Select(received => received.Body.Contains("stream_options")).ShouldBe([true, false, false]);
    }

    [Fact]
    public async Task An_option_that_asks_for_more_than_usage_is_the_callers_to_mend()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(400, """{"detail":"stream_options: unknown field 'bogus'"}""");
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, At());

        using var answer = await door.ChatAsync("m", stream: true, more: ",\"stream_options\":{\"include_usage\":true,\"bogus\":1}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldContain("bogus");
        upstream.Received.Count.ShouldBe(1);
        door.Target("m", "a").RefusesUsage.ShouldBeFalse();
    }

    [Fact]
    public async Task Weights_share_the_calls()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { a = new { Address = new Uri(first.Address, "v1") }, b = new { Address = new Uri(second.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "a", Weight = 4 }, new { Upstream = "b", Weight = 1 } }, Routing = "weighted" } },
        });

        for (var call = 0; call < 200; call++) (await door.ChatAsync("m")).Dispose();

        first.Received.Count.ShouldBeInRange(130, 188);
        (first.Received.Count + second.Received.Count).ShouldBe(200);
    }

    [Fact]
    public async Task A_conversation_stays_at_one_upstream()
    {
        await using var first = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var second = (await FakeUpstream.StartAsync()).ThenJson(200, Good);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = new { a = new { Address = new Uri(first.Address, "v1") }, b = new { Address = new Uri(second.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "a" }, new { Upstream = "b" } }, Routing = "prefix" } },
        });

        foreach (var question in Enumerable.Range(0, 16))
        {
            var asked = new HashSet<string>();
            var messages = $$"""{"role":"user","content":"question {{question}}"}""";
            for (var turn = 0; turn < 3; turn++, messages += """,{"role":"assistant","content":"x"},{"role":"user","content":"and?"}""")
            {
                using var content = new StringContent($$"""{"model":"m","messages":[{{messages}}]}""", Encoding.UTF8, "application/json");
                using var answer = await door.Http.PostAsync("v1/chat/completions", content, Cancellation);
                asked.Add(answer.Headers.GetValues("x-gateway-upstream").Single());
            }

            asked.Count.ShouldBe(1);
        }

        first.Received.ShouldNotBeEmpty();
        second.Received.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_probe_takes_an_upstream_out_and_brings_it_back()
    {
        var up = false;
        await using var upstream = (await FakeUpstream.StartAsync()).Then(async http =>
        {
            http.Response.StatusCode = http.Request.Path == "/health" && !Volatile.Read(ref up) ? 503 : 200;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Good);
        });
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1"), Probe = new { Path = "/health", Interval = "00:00:00.1", Timeout = "00:00:05" } }, At());
        await Eventually.TrueAsync(() => !door.Target("m", "a").Upstream.IsUp);

        using (var refused = await door.ChatAsync("m")) refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        upstream.Received.ShouldAllBe(received => received.Method == "GET");

        Volatile.Write(ref up, true);
        await Eventually.TrueAsync(() => door.Target("m", "a").Upstream.IsUp);
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.OK);
        door.Log.Text.ShouldContain("The upstream a is down");
        door.Log.Text.ShouldContain("The upstream a is up again");
    }

    [Fact]
    public async Task A_hundred_calls_at_once_to_a_dead_upstream_make_few_attempts_more_and_later_ones_none()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(500, "{}");
        await using var door = await OpenAsync(new { Address = new Uri(upstream.Address, "v1") }, At());

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => door.ChatAsync("m")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.BadGateway || answer.StatusCode == HttpStatusCode.ServiceUnavailable);
        upstream.Received.Count.ShouldBeLessThanOrEqualTo(110);
        var asked = upstream.Received.Count;
        (await door.ChatAsync("m")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        upstream.Received.Count.ShouldBe(asked);
    }
}
