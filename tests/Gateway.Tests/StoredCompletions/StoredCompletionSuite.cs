using System.Net;
using System.Text.Json.Nodes;
using Gateway.StoredCompletions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.StoredCompletions;

/// <summary>What callers see of kept chat completions, whatever database is behind.</summary>
public abstract class StoredCompletionSuite : IAsyncLifetime
{
    private readonly List<StoringGateway> gateways = [];
    private FakeUpstream upstream = null!;
    private string database = null!;

    /// <summary>A new, empty one.</summary>
    protected abstract Task<string> NewDatabaseAsync();

    public virtual async ValueTask InitializeAsync()
    {
        database = await NewDatabaseAsync();
        upstream = await FakeUpstream.StartAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var gateway in gateways) await gateway.DisposeAsync();
        if (upstream is not null) await upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<StoringGateway> StartAsync(TimeProvider? time = null)
    {
        var gateway = await StoringGateway.StartAsync(upstream, database, time: time);
        gateways.Add(gateway);
        return gateway;
    }

    private async Task StoreAsync(StoringGateway gateway, string id, string fields = "", long created = 1758039093)
    {
        upstream.ThenJson(200, Answers.Plain(id, created: created));
        await gateway.ChatAsync(",\"store\":true" + fields);
    }

    [Fact]
    public async Task A_kept_answer_is_there_as_soon_as_it_is_given()
    {
        var gateway = await StartAsync();
        upstream.ThenJson(200, Answers.Plain("chatcmpl-1"));

        var answer = JsonNode.Parse(await gateway.ChatAsync(",\"store\":true,\"metadata\":{\"b\":\"2\",\"a\":\"é\"},\"seed\":7,\"temperature\":0.50,\"user\":\"u\",\"tools\":[]"))!;
        var kept = await gateway.GetAsync("completions/chatcmpl-1");

        foreach (var (name, value) in answer.AsObject()) JsonNode.DeepEquals(kept[name], value).ShouldBeTrue(name);
        kept["metadata"]!.ToJsonString().ShouldBe("""{"a":"\u00E9","b":"2"}""");
        kept["temperature"]!.ToJsonString().ShouldBe("0.50");
        ((int)kept["seed"]!, (string)kept["input_user"]!, kept["tools"]!.ToJsonString()).ShouldBe((7, "u", "[]"));
        ((string)kept["request_id"]!).ShouldStartWith("req_");
        kept.AsObject().ContainsKey("tool_choice").ShouldBeTrue();
    }

    [Fact]
    public async Task The_upstream_is_not_asked_to_keep_anything()
    {
        var gateway = await StartAsync();
        await StoreAsync(gateway, "a", ",\"metadata\":{\"k\":\"v\"},\"temperature\":0.10000000000000000001");

        var asked = upstream.Received.ShouldHaveSingleItem().Body;
        JsonNode.Parse(asked)!["store"].ShouldBeNull();
        JsonNode.Parse(asked)!["metadata"].ShouldBeNull();
        asked.ShouldContain("0.10000000000000000001");
        asked.ShouldContain("secret prompt");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("two choices")]
    [InlineData("tool calls")]
    [InlineData("log-probabilities")]
    [InlineData("thoughts")]
    public async Task A_stream_passes_byte_for_byte_and_is_kept_as_the_plain_answer_would_be(string name)
    {
        var gateway = await StartAsync();
        var (choices, parts) = Answers.Case(name);
        var stream = Answers.Stream("streamed", parts);
        upstream.ThenJson(200, Answers.Plain("plain", choices)).ThenStream(stream[..77], stream[77..]);

        await gateway.ChatAsync(",\"store\":true");
        (await gateway.ChatAsync(",\"store\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}")).ShouldBe(stream);

        var (plain, streamed) = (await gateway.GetAsync("completions/plain"), await gateway.GetAsync("completions/streamed"));
        foreach (var node in (JsonNode[])[plain, streamed])
        {
            node.AsObject().Remove("id");
            node.AsObject().Remove("request_id");
        }

        JsonNode.DeepEquals(plain, streamed).ShouldBeTrue($"{plain.ToJsonString()}\n{streamed.ToJsonString()}");
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task A_list_is_paged_in_order_and_each_entry_comes_once(string order)
    {
        var gateway = await StartAsync();
        for (var i = 0; i < 25; i++) await StoreAsync(gateway, $"c{i:00}", created: 1_000 + (i / 3)); // several of one second
        var seen = new List<string>();
        string? after = null;
        var pages = 0;
        JsonNode page;
        do
        {
            page = await gateway.GetAsync($"completions?limit=10&order={order}{(after is null ? "" : "&after=" + after)}");
            var ids = page["data"]!.AsArray().Select(entry => (string)entry!["id"]!).ToList();
            ((string)page["first_id"]!, (string)page["last_id"]!).ShouldBe((ids[0], ids[^1]));
            seen.AddRange(ids);
            after = ids[^1];
        }
        while ((bool)page["has_more"]! && ++pages < 9);

        var expected = Enumerable.Range(0, 25).Select(i => $"c{i:00}");
        seen.ShouldBe(order == "asc" ? expected : expected.Reverse());
        (await gateway.GetAsync("completions"))["data"]!.AsArray().Count.ShouldBe(20);
        (await gateway.GetAsync("completions?limit=25"))["has_more"]!.GetValue<bool>().ShouldBeFalse();
        var end = await gateway.GetAsync($"completions?order={order}&after={after}");
        end.ToJsonString().ShouldBe("""{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}""");
    }

    [Fact]
    public async Task A_list_can_be_asked_by_model_and_metadata()
    {
        var gateway = await StartAsync();
        await StoreAsync(gateway, "a", ",\"metadata\":{\"team\":\"red\",\"run\":\"1\"}");
        await StoreAsync(gateway, "b", ",\"metadata\":{\"team\":\"red\",\"run\":\"2\"}");
        await StoreAsync(gateway, "c");

        (await IdsAsync(gateway, "metadata[team]=red")).ShouldBe(["a", "b"]);
        (await IdsAsync(gateway, "metadata%5Bteam%5D=red&metadata[run]=2")).ShouldBe(["b"]);
        (await IdsAsync(gateway, "metadata[team]=1")).ShouldBeEmpty();
        (await IdsAsync(gateway, "model=tiny")).ShouldBe(["a", "b", "c"]);
        (await IdsAsync(gateway, "model=tiny-2026")).ShouldBe(["a", "b", "c"]); // as the answers call it
        (await IdsAsync(gateway, "model=gpt-4o&metadata[run]=1")).ShouldBe(["a"]); // an alias
        (await IdsAsync(gateway, "model=other")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Metadata_is_replaced_by_an_update_and_nothing_else_changes()
    {
        var gateway = await StartAsync();
        await StoreAsync(gateway, "a", ",\"metadata\":{\"old\":\"1\",\"both\":\"1\"}");
        var before = await gateway.GetAsync("completions/a");

        var updated = await gateway.AskAsync(HttpMethod.Post, "completions/a", """{"metadata":{"both":"2","new":"3"}}""");

        JsonNode.DeepEquals(updated, await gateway.GetAsync("completions/a")).ShouldBeTrue();
        updated["metadata"]!.ToJsonString().ShouldBe("""{"both":"2","new":"3"}""");
        before["metadata"] = updated["metadata"]!.DeepClone();
        JsonNode.DeepEquals(before, updated).ShouldBeTrue();
        (await IdsAsync(gateway, "metadata[old]=1")).ShouldBeEmpty();
        (await gateway.AskAsync(HttpMethod.Post, "completions/a", """{"metadata":null}"""))["metadata"]!.AsObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task Updates_that_come_together_do_not_mix()
    {
        var gateway = await StartAsync();
        await StoreAsync(gateway, "a");

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => gateway.AskAsync(HttpMethod.Post, "completions/a", $$$"""{"metadata":{"x":"{{{i}}}","y":"{{{i}}}"}}""")));

        var metadata = (await gateway.GetAsync("completions/a"))["metadata"]!;
        ((string)metadata["x"]!).ShouldBe((string)metadata["y"]!);
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_a_list_goes_on_after_it()
    {
        var gateway = await StartAsync();
        foreach (var id in (string[])["a", "b", "c"]) await StoreAsync(gateway, id, ",\"metadata\":{\"k\":\"v\"}");

        (await gateway.AskAsync(HttpMethod.Delete, "completions/b")).ToJsonString().ShouldBe("""{"object":"chat.completion.deleted","id":"b","deleted":true}""");

        foreach (var (method, path, body) in ((HttpMethod, string, string?)[])[(HttpMethod.Get, "completions/b", null), (HttpMethod.Delete, "completions/b", null), (HttpMethod.Get, "completions/b/messages", null), (HttpMethod.Post, "completions/b", """{"metadata":{}}""")])
            (await gateway.AskAsync(method, path, body, HttpStatusCode.NotFound)).ToJsonString().ShouldBe("""{"error":{"message":"Completion b not found","type":"invalid_request_error","param":"completion_id","code":"not_found"}}""");
        (await IdsAsync(gateway, "metadata[k]=v")).ShouldBe(["a", "c"]);
        (await IdsAsync(gateway, "after=b")).ShouldBe(["c"]);
        (await gateway.GetAsync("completions?after=zzz", HttpStatusCode.NotFound))["error"]!["param"]!.ToString().ShouldBe("after");
    }

    [Fact]
    public async Task Messages_are_listed_with_ids_and_parts()
    {
        var gateway = await StartAsync();
        upstream.ThenJson(200, Answers.Plain("m"));
        await gateway.AskAsync(HttpMethod.Post, "completions", """{"model":"tiny","store":true,"messages":[{"role":"system","content":"be \u0000 short","name":"n"},{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"5"}]}""");

        var all = (await gateway.GetAsync("completions/m/messages"))["data"]!.AsArray();
        all.Select(message => (string)message!["id"]!).ShouldBe(["m-0", "m-1", "m-2", "m-3"]);
        all[0]!.ToJsonString().ShouldBe("""{"id":"m-0","role":"system","content":"be \u0000 short","refusal":null,"content_parts":null,"name":"n"}""");
        all[1]!["content"].ShouldBeNull();
        all[1]!["content_parts"]!.ToJsonString().ShouldBe("""[{"type":"text","text":"hi"}]""");
        ((string)all[2]!["tool_calls"]![0]!["id"]!, (string)all[3]!["tool_call_id"]!).ShouldBe(("call_1", "call_1"));

        var page = await gateway.GetAsync("completions/m/messages?limit=2&order=desc&after=m-3");
        ((string)page["first_id"]!, (string)page["last_id"]!, (bool)page["has_more"]!).ShouldBe(("m-2", "m-1", true));
        var end = await gateway.GetAsync("completions/m/messages?after=m-3");
        end.ToJsonString().ShouldBe("""{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}""");
    }

    [Fact]
    public async Task A_restart_loses_nothing()
    {
        await using (var first = await StoringGateway.StartAsync(upstream, database)) await StoreAsync(first, "a", ",\"metadata\":{\"k\":\"v\"}");

        var kept = await (await StartAsync()).GetAsync("completions/a");

        kept["metadata"]!["k"]!.ToString().ShouldBe("v");
    }

    [Fact]
    public async Task Gateways_that_start_together_share_one_database()
    {
        var both = await Task.WhenAll(StartAsync(), StartAsync(), StartAsync());
        upstream.Then(async http =>
        {
            http.Response.ContentType = "application/json";
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, Answers.Plain("c" + Guid.NewGuid().ToString("N")));
        });

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => both[i % 3].ChatAsync($$""","store":true,"metadata":{"by":"{{i % 3}}"}""")));

        foreach (var gateway in both) await gateway.GetAsync("completions"); // waits for its own
        foreach (var gateway in both)
        {
            (await IdsAsync(gateway, "limit=100")).Distinct().Count().ShouldBe(60);
            (await IdsAsync(gateway, "limit=100&metadata[by]=1")).Count.ShouldBe(20);
            gateway.Log.Text.ShouldNotContain("was not stored");
        }
    }

    [Fact]
    public async Task What_is_past_its_time_is_unseen_at_once_and_then_deleted()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(2_000_000_000));
        var gateway = await StartAsync(time);
        await StoreAsync(gateway, "old", ",\"metadata\":{\"k\":\"v\"}");
        time.Advance(TimeSpan.FromDays(29));
        await StoreAsync(gateway, "new", ",\"metadata\":{\"k\":\"v\"}");
        await StoreAsync(gateway, "deleted");
        await gateway.AskAsync(HttpMethod.Delete, "completions/deleted");
        var retention = gateway.Get<Retention>();
        (await retention.SweepAsync(TestContext.Current.CancellationToken)).ShouldBe(0);

        time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));

        (await IdsAsync(gateway, "metadata[k]=v")).ShouldBe(["new"]);
        await gateway.GetAsync("completions/old", HttpStatusCode.NotFound);
        (await retention.SweepAsync(TestContext.Current.CancellationToken)).ShouldBe(2);
        (await IdsAsync(gateway, "")).ShouldBe(["new"]);
        await using var db = await gateway.Get<Gateway.Storage.Database>().OpenAsync(TestContext.Current.CancellationToken);
        db.StoredMetadata.Count().ShouldBe(1);
    }

    [Fact]
    public async Task An_id_that_is_taken_is_not_overwritten_and_the_caller_is_answered()
    {
        var gateway = await StartAsync();
        await StoreAsync(gateway, "a", ",\"metadata\":{\"k\":\"first\"}");
        await StoreAsync(gateway, "a", ",\"metadata\":{\"k\":\"second\"}");

        ((string)(await gateway.GetAsync("completions/a"))["metadata"]!["k"]!).ShouldBe("first");
        gateway.Log.Text.ShouldContain("was not stored");
    }

    private static async Task<List<string>> IdsAsync(StoringGateway gateway, string query) =>
        [.. (await gateway.GetAsync("completions?" + query))["data"]!.AsArray().Select(entry => (string)entry!["id"]!)];
}
