using System.Text.Json.Nodes;

namespace Gateway.Conformance.Tests;

/// <summary>The check itself: an answer that is right passes, and each way of being wrong is found.</summary>
public sealed class ContractSchemaTests
{
    private const string Right = """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""";

    private static ContractSchema Schema
    {
        get
        {
            Shared.Optional("api", "openapi.json");
            return ContractSchema.Load()!;
        }
    }

    [Fact]
    public void An_answer_that_keeps_the_contract_passes() => Schema.Mistake(JsonNode.Parse(Right), "CreateChatCompletionResponse").ShouldBeNull();

    [Theory]
    [InlineData("\"id\":\"chatcmpl-1\",", "", "'id' is missing")]
    [InlineData("\"created\":1", "\"created\":\"1\"", "$.created")]
    [InlineData("\"created\":1", "\"created\":1.5", "$.created")]
    [InlineData("\"object\":\"chat.completion\"", "\"object\":\"text_completion\"", "$.object")]
    [InlineData("\"index\":0,", "", "'index' is missing")]
    [InlineData("\"finish_reason\":\"stop\"", "\"finish_reason\":\"eos\"", "finish_reason")]
    [InlineData("\"role\":\"assistant\"", "\"role\":\"user\"", "role")]
    [InlineData("\"content\":\"a\"", "\"content\":7", "content")]
    [InlineData("\"total_tokens\":2", "\"total_tokens\":null", "total_tokens")]
    [InlineData("\"refusal\":null,", "\"refusal\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":{}}}],", "tool_calls")]
    [InlineData("\"logprobs\":null", "\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":\"0\",\"bytes\":[97],\"top_logprobs\":[]}],\"refusal\":null}", "logprob")]
    public void An_answer_that_breaks_it_is_found_and_the_place_named(string right, string wrong, string words)
    {
        Right.ShouldContain(right);
        Schema.Mistake(JsonNode.Parse(Right.Replace(right, wrong, StringComparison.Ordinal)), "CreateChatCompletionResponse").ShouldNotBeNull().ShouldContain(words);
    }

    [Theory]
    [InlineData("CreateChatCompletionStreamResponse", """{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":7},"finish_reason":null}]}""")]
    [InlineData("CreateChatCompletionStreamResponse", """{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"delta":{},"finish_reason":null}]}""")]
    [InlineData("CreateCompletionResponse", """{"id":"a","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":null,"logprobs":null,"finish_reason":"stop"}]}""")]
    [InlineData("CreateEmbeddingResponse", """{"object":"list","model":"m","data":[{"object":"embedding","index":0}],"usage":{"prompt_tokens":1,"total_tokens":1}}""")]
    public void A_wrong_chunk_text_or_vector_is_found(string schema, string value) => Schema.Mistake(JsonNode.Parse(value), schema).ShouldNotBeNull();
}
