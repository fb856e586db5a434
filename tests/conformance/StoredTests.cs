using System.Net;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Chat completions that are kept: behaviour 42.</summary>
public sealed class StoredTests : IAsyncLifetime
{
    private const string Path = "v1/chat/completions";
    private readonly TemporaryFolder folder = new();
    private readonly RunningGateway gateway = new();
    private Wire wire = null!;

    public async ValueTask InitializeAsync()
    {
        await gateway.StartAsync("--Gateway:StoredCompletions:Enabled=true", $"--Gateway:Database=Data Source={folder.File("gateway.db")}");
        wire = new Wire(gateway.Address);
    }

    public async ValueTask DisposeAsync()
    {
        wire?.Dispose();
        await gateway.DisposeAsync();
        folder.Dispose();
    }

    private Task<JsonNode> GetAsync(string id) => wire.AskAsync(HttpMethod.Get, $"{Path}/{id}", "CreateChatCompletionResponse");

    [Fact, Trait("Behaviour", "42")]
    public async Task A_kept_answer_is_listed_read_changed_and_deleted()
    {
        var plain = await wire.AnswerAsync(Path, Wire.Chat(",\"store\":true,\"metadata\":{\"team\":\"red\"}"));
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(",\"store\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        await wire.AnswerAsync(Path, Wire.Chat(",\"store\":false"));
        var (id, streamedId) = (plain["id"]!.ToString(), chunks[0]["id"]!.ToString());

        var kept = await GetAsync(id);
        foreach (var (name, value) in plain.AsObject()) JsonNode.DeepEquals(kept[name], value).ShouldBeTrue(name);
        kept["metadata"]!.ToJsonString().ShouldBe("""{"team":"red"}""");
        var streamed = await GetAsync(streamedId);
        JsonNode.DeepEquals(streamed["choices"], kept["choices"]).ShouldBeTrue(streamed.ToJsonString());
        ((int)streamed["usage"]!["total_tokens"]!).ShouldBe((int)kept["usage"]!["total_tokens"]!);

        var list = await wire.AskAsync(HttpMethod.Get, Path, "ChatCompletionList");
        list["data"]!.AsArray().Select(entry => entry!["id"]!.ToString()).ShouldBe([id, streamedId]);
        list["has_more"]!.GetValue<bool>().ShouldBeFalse();
        var first = await wire.AskAsync(HttpMethod.Get, $"{Path}?limit=1&order=desc&model=tiny-chat", "ChatCompletionList");
        (first["last_id"]!.ToString(), first["has_more"]!.GetValue<bool>()).ShouldBe((streamedId, true));
        (await wire.AskAsync(HttpMethod.Get, $"{Path}?metadata[team]=blue", "ChatCompletionList"))["data"]!.AsArray().ShouldBeEmpty();

        var messages = await wire.AskAsync(HttpMethod.Get, $"{Path}/{id}/messages", "ChatCompletionMessageList");
        messages["data"]!.ToJsonString().ShouldBe($$"""[{"id":"{{id}}-0","role":"user","content":"What is the opposite of hot?","refusal":null,"content_parts":null,"name":null}]""");

        (await wire.AskAsync(HttpMethod.Post, $"{Path}/{id}", "CreateChatCompletionResponse", """{"metadata":{"team":"blue"}}"""))["metadata"]!["team"]!.ToString().ShouldBe("blue");
        (await wire.AskAsync(HttpMethod.Get, $"{Path}?metadata[team]=blue", "ChatCompletionList"))["data"]!.AsArray().Count.ShouldBe(1);

        (await wire.AskAsync(HttpMethod.Delete, $"{Path}/{id}", "ChatCompletionDeleted"))["deleted"]!.GetValue<bool>().ShouldBeTrue();
        using var gone = await wire.Http.GetAsync($"{Path}/{id}", Wire.Cancellation);
        (await Wire.ErrorAsync(gone, HttpStatusCode.NotFound)).ToJsonString().ShouldBe(
            $$"""{"message":"Completion {{id}} not found","type":"invalid_request_error","param":"completion_id","code":"not_found"}""");
    }

    [Fact, Trait("Behaviour", "42")]
    public async Task Choices_and_calls_of_a_stream_are_kept_as_the_plain_answer_has_them()
    {
        const string Tool = """,{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer","minimum":1,"maximum":9}},"required":["a"],"additionalProperties":false}}}""";
        foreach (var extra in (string[])[",\"n\":2,\"seed\":1,\"logprobs\":true,\"top_logprobs\":2,\"max_tokens\":12", $",\"tools\":[{Tool[1..]}],\"tool_choice\":\"required\",\"max_tokens\":60"])
        {
            var plain = await wire.AnswerAsync(Path, Wire.Chat(extra));
            var chunks = await wire.ChunksAsync(Path, Wire.Chat(extra + ",\"store\":true,\"stream\":true"));
            var kept = await GetAsync(chunks[0]["id"]!.ToString());

            foreach (var answer in (JsonNode[])[plain, kept])
                foreach (var call in answer["choices"]!.AsArray().SelectMany(choice => choice!["message"]!["tool_calls"]?.AsArray() ?? [])) call!["id"] = "call"; // each call's is its own
            JsonNode.DeepEquals(kept["choices"], plain["choices"]).ShouldBeTrue($"{plain["choices"]!.ToJsonString()}\n{kept["choices"]!.ToJsonString()}");
        }
    }
}
