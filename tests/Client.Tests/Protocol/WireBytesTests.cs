using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;
using Gateway.Protocol.Chat;
using Gateway.Protocol.Completions;
using Gateway.Protocol.Models;

namespace Gateway.Client.Tests.Protocol;

public sealed class WireBytesTests
{
    private static ProtocolJson Wire => ProtocolJson.Wire;

    [Fact]
    public void A_first_chunk_has_its_nulls() =>
        Write(Chunk(new ChatDelta("assistant", "")), Wire.ChatCompletionChunk).ShouldBe(
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}""");

    [Fact]
    public void A_later_chunk_has_only_what_is_new() =>
        Write(Chunk(new ChatDelta(content: "é<")), Wire.ChatCompletionChunk).ShouldContain("""
            "delta":{"content":"é<"},"logprobs":null,"finish_reason":null
            """);

    [Fact]
    public void The_last_delta_of_a_choice_is_empty() =>
        Write(Chunk(new ChatDelta(), "stop"), Wire.ChatCompletionChunk).ShouldContain("""
            "delta":{},"logprobs":null,"finish_reason":"stop"
            """);

    [Fact]
    public void Usage_is_null_on_other_chunks_only_when_asked_for()
    {
        Write(Chunk(new ChatDelta()), Wire.ChatCompletionChunk).ShouldNotContain("usage");
        Write(Chunk(new ChatDelta()) with { WritesUsage = true }, Wire.ChatCompletionChunk).ShouldEndWith("""
            "usage":null}
            """);
        Write(Chunk(new ChatDelta()) with { Choices = [], Usage = new Usage(1, 2, 3) }, Wire.ChatCompletionChunk).ShouldEndWith("""
            "choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
            """);
    }

    [Fact]
    public void A_tool_calls_first_delta_has_null_content() =>
        Write(new ChatDelta("assistant") { ToolCalls = [new(0) { Id = "call_1", Type = "function", Function = new("f", "") }] }, Wire.ChatDelta).ShouldBe(
            """{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}""");

    [Fact]
    public void A_plain_answer_has_its_nulls_and_no_tool_calls() =>
        Write(new ChatCompletion("chatcmpl-1", 7, "m", [new(0, new ChatAnswer("hi"), null, "stop")], new Usage(1, 2, 3)), Wire.ChatCompletion).ShouldBe(
            """{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""");

    [Fact]
    public void An_error_always_has_four_keys() =>
        Write(ApiError.Invalid("no"), Wire.ApiError).ShouldBe("""{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}""");

    [Fact]
    public void A_request_leaves_out_what_is_not_set() =>
        Write(new ChatRequest("m", [ChatMessage.User("hi")]) { Temperature = 0, Stop = ["\n"] }, Wire.ChatRequest).ShouldBe(
            """{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0,"stop":["\n"]}""");

    [Theory]
    [InlineData("\"a\"")]
    [InlineData("[\"a\",\"b\"]")]
    [InlineData("[1,2]")]
    [InlineData("[[1],[2,3]]")]
    [InlineData("[]")]
    public void A_prompt_keeps_its_form(string prompt)
    {
        var request = JsonSerializer.Deserialize($$"""{"model":"m","prompt":{{prompt}}}""", Wire.CompletionRequest)!;
        Write(request, Wire.CompletionRequest).ShouldBe($$"""{"model":"m","prompt":{{prompt}}}""");
    }

    [Theory]
    [InlineData("{\"model\":\"m\",\"prompt\":7}")]
    [InlineData("{\"model\":\"m\",\"prompt\":[1,\"a\"]}")]
    public void A_prompt_of_no_known_form_is_refused(string json) => Should.Throw<JsonException>(() => JsonSerializer.Deserialize(json, Wire.CompletionRequest));

    [Fact]
    public void Fields_nobody_knows_survive()
    {
        const string json = """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"new","x":1.50}],"y":null}],"z":{"a":[1]}}""";
        Write(JsonSerializer.Deserialize(json, Wire.ChatRequest)!, Wire.ChatRequest).ShouldBe(json);
    }

    [Fact]
    public void A_model_is_written_as_the_service_does() =>
        Write(new Model("org/m:1", 7, "me"), Wire.Model).ShouldBe("""{"id":"org/m:1","object":"model","created":7,"owned_by":"me"}""");

    private static ChatCompletionChunk Chunk(ChatDelta delta, string? finish = null) => new("chatcmpl-1", 7, "m", [new(0, delta, null, finish)]);

    private static string Write<T>(T value, JsonTypeInfo<T> shape) => JsonSerializer.Serialize(value, shape);
}
