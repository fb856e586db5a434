using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.StoredCompletions;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.StoredCompletions;

/// <summary>What is kept and what is not, and that keeping never costs a caller an answer.</summary>
public sealed class RecordingTests : IAsyncLifetime
{
    private const string Empty = """{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}""";
    private readonly TemporaryFolder folder = new();
    private FakeUpstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = await FakeUpstream.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    private Task<StoringGateway> StartAsync(StoredCompletionOptions? stored = null, string? file = null) => StoringGateway.StartAsync(upstream, $"Data Source={file ?? folder.File("gateway.db")}", stored);

    private static string Part(string delta, string finish = "null") => $$"""{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finish}}}""";

    [Fact]
    public async Task Off_is_the_default_and_says_which_setting_turns_it_on()
    {
        await using var gateway = await StartAsync(new StoredCompletionOptions());
        upstream.ThenJson(200, Answers.Plain("a"));

        var error = JsonNode.Parse(await gateway.ChatAsync(",\"store\":true", HttpStatusCode.BadRequest))!["error"]!;
        ((string)error["param"]!, (string)error["code"]!).ShouldBe(("store", "unsupported_value"));
        ((string)error["message"]!).ShouldContain("Gateway:StoredCompletions:Enabled");
        foreach (var nothing in (string[])["", ",\"store\":false", ",\"store\":null"]) await gateway.ChatAsync(nothing);

        (await gateway.GetAsync("completions")).ToJsonString().ShouldBe(Empty);
        await gateway.GetAsync("completions/a", HttpStatusCode.NotFound);
        await gateway.AskAsync(HttpMethod.Delete, "completions/a", null, HttpStatusCode.NotFound);
        File.Exists(folder.File("gateway.db")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_gateway_that_keeps_nothing_makes_no_file()
    {
        await using var gateway = await StartAsync();
        upstream.ThenJson(200, Answers.Plain("a"));
        await gateway.ChatAsync("");
        (await gateway.GetAsync("completions")).ToJsonString().ShouldBe(Empty);

        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();

        await gateway.ChatAsync(",\"store\":true");
        await gateway.GetAsync("completions/a");
        File.Exists(folder.File("gateway.db")).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_a_good_answer_is_kept()
    {
        await using var gateway = await StartAsync();
        async Task AskAsync(bool stream, HttpStatusCode expected = HttpStatusCode.OK) => await gateway.ChatAsync(",\"store\":true" + (stream ? ",\"stream\":true" : ""), expected);

        upstream.ThenJson(400, """{"error":{"message":"no","type":"invalid_request_error","param":"messages","code":null}}""");
        await AskAsync(false, HttpStatusCode.BadRequest);
        upstream.ThenStream(Answers.Chunk("cut", Part("{\"content\":\"a\"}")));
        await AskAsync(true); // ends without a finish reason
        upstream.ThenStream(Answers.Chunk("error", Part("{\"content\":\"a\"}")) + "data: {\"error\":{\"message\":\"x\"}}\n\n");
        await AskAsync(true);
        upstream.ThenStream(Answers.Chunk("early", Part("{\"content\":\"a\"}")) + "data: [DONE]\n\n");
        await AskAsync(true); // [DONE] before the choice is done
        upstream.ThenJson(200, "{\"id\":\"x\"}").ThenJson(200, "[1]").ThenJson(200, Answers.Plain("")).ThenJson(200, """{"id":"x","id":"y","choices":[]}""");
        for (var i = 0; i < 4; i++) await AskAsync(false);
        upstream.ThenStream("data: {\"id\":7}\n\ndata: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n");
        await AskAsync(true); // a choice without an index

        (await gateway.GetAsync("completions")).ToJsonString().ShouldBe(Empty);

        upstream.ThenStream(Answers.Chunk("good", Part("{\"content\":\"a\"}")) + Answers.Chunk("good", Part("{}", "\"stop\""))); // the gateway adds [DONE]
        await AskAsync(true);
        await gateway.GetAsync("completions/good");
    }

    [Fact]
    public async Task An_attempt_that_broke_leaves_nothing_of_itself_in_the_next_one()
    {
        await using var gateway = await StartAsync();
        upstream.Then(http =>
        {
            http.Response.ContentType = "text/event-stream";
            return Task.CompletedTask; // ends before its first event
        }).ThenStream(Answers.Stream("second", Part("{\"content\":\"b\"}"), Part("{}", "\"stop\"")));

        await gateway.ChatAsync(",\"store\":true,\"stream\":true");

        ((string)(await gateway.GetAsync("completions/second"))["choices"]![0]!["message"]!["content"]!).ShouldBe("b");
    }

    [Fact]
    public async Task An_answer_that_its_caller_leaves_is_not_kept()
    {
        await using var gateway = await StartAsync();
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        upstream.Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(Answers.Chunk("left", Part("{\"content\":\"a\"}")));
            await http.Response.Body.FlushAsync();
            http.RequestAborted.Register(() => left.TrySetResult());
            await left.Task;
            await http.Response.WriteAsync(Answers.Chunk("left", Part("{}", "\"stop\"")) + "data: [DONE]\n\n");
        });
        using (var request = new HttpRequestMessage(HttpMethod.Post, "completions") { Content = new StringContent("""{"model":"tiny","store":true,"stream":true,"messages":[]}""", null, "application/json") })
        using (var leaving = new CancellationTokenSource())
        using (var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            (await stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken)).ShouldBeGreaterThan(0);
            var rest = stream.CopyToAsync(Stream.Null, leaving.Token);
            await leaving.CancelAsync();
            await Should.ThrowAsync<Exception>(() => rest);
        }

        await left.Task.WaitAsync(TestContext.Current.CancellationToken);

        await gateway.GetAsync("completions/left", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_too_large_is_answered_and_not_kept_and_that_is_said(bool stream)
    {
        await using var gateway = await StartAsync(new StoredCompletionOptions { Enabled = true, MaxBytesEach = 2_000 });
        var large = new string('x', 1_500);
        var part = $"{{\"content\":\"{large}\"}}";
        if (stream) upstream.ThenStream(Answers.Stream("a", Part(part), Part(part), Part("{}", "\"stop\"")));
        else upstream.ThenJson(200, Answers.Plain("a", $$$"""{"index":0,"message":{"content":"{{{large}}}{{{large}}}"}}"""));
        (await gateway.ChatAsync(",\"store\":true" + (stream ? ",\"stream\":true" : ""))).ShouldContain(large);
        upstream.ThenJson(200, Answers.Plain("b"));
        await gateway.ChatAsync($",\"store\":true,\"user\":\"{large}{large}\"");

        (await gateway.GetAsync("completions")).ToJsonString().ShouldBe(Empty);
        gateway.Log.Text.ShouldContain("not stored: it has more than 2000 bytes");
        gateway.Log.Text.ShouldContain("not stored: its request has more than 2000 bytes");
        gateway.Log.Text.ShouldNotContain("xxx");
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_costs_no_caller_an_answer()
    {
        using var losses = new Losses();
        await using var gateway = await StartAsync(file: Path.Combine(folder.Path, "not-there", "gateway.db"));
        upstream.ThenJson(200, Answers.Plain("a"));

        JsonNode.Parse(await gateway.ChatAsync(",\"store\":true"))!["id"]!.ToString().ShouldBe("a");
        await gateway.Get<CompletionQueue>().SettleAsync(TestContext.Current.CancellationToken);
        losses.Count.ShouldBeGreaterThanOrEqualTo(1);
        gateway.Log.Text.ShouldContain("was not stored");

        Directory.CreateDirectory(Path.Combine(folder.Path, "not-there"));
        File.WriteAllText(Path.Combine(folder.Path, "not-there", "gateway.db"), "this is a text and no database, whatever it is called");
        (await gateway.GetAsync("completions", HttpStatusCode.ServiceUnavailable))["error"]!["code"]!.ToString().ShouldBe("database_unavailable");
        gateway.Log.Text.ShouldNotContain("secret prompt");

        File.Delete(Path.Combine(folder.Path, "not-there", "gateway.db"));
        await gateway.ChatAsync(",\"store\":true");
        await gateway.GetAsync("completions/a"); // it is tried again each time
    }

    [Theory]
    [InlineData("{\"a\":1}", "metadata.a", "invalid_type")]
    [InlineData("{\"a\":null}", "metadata.a", "invalid_type")]
    [InlineData("[]", "metadata", "invalid_type")]
    [InlineData("\"a\"", "metadata", "invalid_type")]
    [InlineData("{\"a\\u0000\":\"\"}", "metadata", "invalid_value")]
    [InlineData("{\"a\":\"\\u0000\"}", "metadata.a", "invalid_value")]
    [InlineData("{\"a\":\"\\ud800\"}", "metadata.a", "invalid_value")]
    [InlineData("seventeen", "metadata", "object_above_max_properties")]
    [InlineData("key", "metadata", "invalid_value")]
    [InlineData("value", "metadata.k", "string_above_max_length")]
    public async Task Metadata_has_bounds_when_it_is_made_and_when_it_is_changed(string metadata, string param, string code)
    {
        await using var gateway = await StartAsync();
        metadata = metadata switch
        {
            "seventeen" => "{" + string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"{i}\":\"\"")) + "}",
            "key" => $"{{\"{new string('k', 65)}\":\"\"}}",
            "value" => $"{{\"k\":\"{new string('v', 513)}\"}}",
            _ => metadata,
        };

        var created = JsonNode.Parse(await gateway.ChatAsync($",\"store\":true,\"metadata\":{metadata}", HttpStatusCode.BadRequest))!["error"]!;
        var updated = (await gateway.AskAsync(HttpMethod.Post, "completions/a", $"{{\"metadata\":{metadata}}}", HttpStatusCode.BadRequest))["error"]!;

        foreach (var error in (JsonNode[])[created, updated]) ((string)error["param"]!, (string)error["code"]!).ShouldBe((param, code));
        upstream.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Metadata_at_its_bounds_is_kept()
    {
        await using var gateway = await StartAsync();
        upstream.ThenJson(200, Answers.Plain("a"));
        var pairs = string.Join(',', Enumerable.Range(10, 16).Select(i => $"\"{i}{new string('k', 62)}\":\"{new string('v', 512)}\""));

        await gateway.ChatAsync($",\"store\":true,\"metadata\":{{{pairs}}}");

        (await gateway.GetAsync("completions/a"))["metadata"]!.AsObject().Count.ShouldBe(16);
    }

    [Theory]
    [InlineData("limit=0", "limit", "integer_below_min_value")]
    [InlineData("limit=101", "limit", "integer_above_max_value")]
    [InlineData("limit=ten", "limit", "invalid_type")]
    [InlineData("order=up", "order", "invalid_value")]
    [InlineData("metadata=a", "metadata", "invalid_value")]
    [InlineData("after=%00", "after", "invalid_value")]
    [InlineData("metadata[%00]=a", "metadata", "invalid_value")]
    public async Task A_list_s_mistakes_are_named(string query, string param, string code)
    {
        await using var gateway = await StartAsync();

        foreach (var path in (string[])["completions", "completions/a/messages"])
        {
            var error = (await gateway.GetAsync($"{path}?{query}", HttpStatusCode.BadRequest))["error"]!;
            ((string)error["param"]!, (string)error["code"]!).ShouldBe((param, code));
        }
    }

    [Theory]
    [InlineData("{}", "metadata")]
    [InlineData("{\"metadata\":", null)]
    [InlineData("[]", null)]
    public async Task An_update_s_mistakes_are_named(string body, string? param)
    {
        await using var gateway = await StartAsync();

        ((string?)(await gateway.AskAsync(HttpMethod.Post, "completions/a", body, HttpStatusCode.BadRequest))["error"]!["param"]).ShouldBe(param);
    }

    /// <summary>Counts what the meter says was lost.</summary>
    private sealed class Losses : IDisposable
    {
        private readonly MeterListener listener = new();
        private long count;

        public Losses()
        {
            listener.InstrumentPublished = (instrument, it) =>
            {
                if (instrument.Name == "gateway.stored_completions.lost") it.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref count, value));
            listener.Start();
        }

        public long Count => Interlocked.Read(ref count);

        public void Dispose() => listener.Dispose();
    }
}
