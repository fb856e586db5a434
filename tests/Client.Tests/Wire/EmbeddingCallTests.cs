using Gateway.Client.Errors;
using Gateway.Protocol.Embeddings;
using Gateway.Protocol.Rerank;

namespace Gateway.Client.Tests.Wire;

public sealed class EmbeddingCallTests : ClientFixture
{
    [Fact]
    public async Task Embeddings_send_exactly_these_bytes_and_read_base64()
    {
        Upstream.ThenJson(200, """{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAMA="},{"object":"embedding","index":1,"embedding":[0.1,-2]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}""", ("x-request-id", "req_3"));

        var answer = await Client.Embeddings.CreateAsync(new EmbeddingRequest("m", EmbeddingInput.FromTexts("a", "b")) { Dimensions = 2, PromptName = "query" });

        Upstream.Received[0].Target.ShouldBe("/v1/embeddings");
        Upstream.Received[0].Body.ShouldBe("""{"model":"m","input":["a","b"],"encoding_format":"base64","dimensions":2,"prompt_name":"query"}""");
        answer.Data[0].Vector.ToArray().ShouldBe([1f, -2f]);
        answer.Data[1].Vector.ToArray().ShouldBe([0.1f, -2f]);
        answer.Usage.PromptTokens.ShouldBe(3);
        answer.RequestId.ShouldBe("req_3");
    }

    [Fact]
    public async Task Token_lists_and_numbers_are_asked_for_as_said()
    {
        Upstream.ThenJson(200, """{"object":"list","data":[],"model":"m","usage":{"prompt_tokens":0,"total_tokens":0}}""");
        await Client.Embeddings.CreateAsync(new EmbeddingRequest("m", new EmbeddingInput { TokenLists = [[1, 2], [3]] }) { EncodingFormat = "float" });
        Upstream.Received[0].Body.ShouldBe("""{"model":"m","input":[[1,2],[3]],"encoding_format":"float"}""");
    }

    [Theory]
    [InlineData("\"AAAA\"")]
    [InlineData("\"no base64\"")]
    [InlineData("{}")]
    [InlineData("[\"1\"]")]
    public async Task A_vector_that_is_none_is_an_error_of_the_answer(string vector)
    {
        Upstream.ThenJson(200, $$$"""{"object":"list","data":[{"index":0,"embedding":{{{vector}}} }],"model":"m","usage":{"prompt_tokens":0,"total_tokens":0}}""");
        var error = await Should.ThrowAsync<GatewayException>(() => Client.Embeddings.CreateAsync(new EmbeddingRequest("m", "a")));
        error.Message.ShouldContain("embeddings");
    }

    [Fact]
    public async Task A_ranking_sends_exactly_these_bytes_and_reads_both_forms_of_documents()
    {
        Upstream.ThenJson(200, """{"id":"r1","model":"m","results":[{"index":1,"relevance_score":0.9,"document":{"text":"b"}},{"index":0,"relevance_score":0.1,"document":"a"}],"usage":{"prompt_tokens":9,"total_tokens":9}}""");

        var answer = await Client.Rerank.RankAsync(new RerankRequest("m", "q", ["a", "b"]) { TopN = 2, ReturnDocuments = true });

        Upstream.Received[0].Target.ShouldBe("/v1/rerank");
        Upstream.Received[0].Body.ShouldBe("""{"model":"m","query":"q","documents":[{"text":"a"},{"text":"b"}],"top_n":2,"return_documents":true}""");
        answer.Results.Select(result => (result.Index, result.RelevanceScore, result.Document!.Text)).ShouldBe([(1, 0.9f, "b"), (0, 0.1f, "a")]);
    }
}
