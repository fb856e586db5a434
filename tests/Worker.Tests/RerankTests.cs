using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

public class RerankTests
{
    private const string Query = "\"query\":\"What is the capital of France?\"";

    [Fact]
    public async Task Documents_come_back_by_score_with_their_places_in_the_request()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-reranker");

        var answer = await surface.RankAsync(Query + ",\"documents\":[\"Paris is the capital of France.\",{\"text\":\"The quick brown fox jumps.\"}],\"return_documents\":true");

        var results = answer["results"]!.AsArray();
        results.Select(result => (int)result!["index"]!).ShouldBe([1, 0]);
        ((double)results[0]!["relevance_score"]!).ShouldBe(0.7556291818618774, 2e-5);
        ((double)results[1]!["relevance_score"]!).ShouldBe(0.7375270128250122, 2e-5);
        ((string?)results[0]!["document"]!["text"]).ShouldBe("The quick brown fox jumps.");
        ((int)answer["usage"]!["total_tokens"]!).ShouldBe(33);
        ((string?)answer["model"]).ShouldBe("m");
    }

    [Fact]
    public async Task The_best_n_are_given_without_texts_unless_asked_for()
    {
        await using var surface = await EncoderSurface.StartAsync("xlmr-reranker");
        var all = await surface.RankAsync(Query + ",\"documents\":[\"hello\",\"Paris is the capital of France.\",\"The quick brown fox jumps.\"]");

        var one = await surface.RankAsync(Query + ",\"documents\":[\"hello\",\"Paris is the capital of France.\",\"The quick brown fox jumps.\"],\"top_n\":1");

        all["results"]!.AsArray().Select(result => (double)result!["relevance_score"]!).ShouldBeInOrder(SortDirection.Descending);
        var best = one["results"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)best["index"]!).ShouldBe((int)all["results"]![0]!["index"]!);
        best["document"].ShouldBeNull();
        (await surface.RankAsync(Query + ",\"documents\":[\"hello\"],\"top_n\":9"))["results"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_document_that_is_too_long_is_cut_and_raw_scores_are_logits()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-reranker", context: 128);
        var document = string.Concat(Enumerable.Repeat("long text ", 60));

        var answer = await surface.RankAsync($"\"query\":\"q\",\"documents\":[\"{document}\"],\"raw_scores\":true");

        ((double)answer["results"]![0]!["relevance_score"]!).ShouldBe(0.3320780396461487, 2e-5);
        ((int)answer["usage"]!["total_tokens"]!).ShouldBe(128);
        var shorter = await surface.RankAsync($"\"query\":\"q\",\"documents\":[\"{document}\"],\"max_tokens_per_doc\":10");
        ((int)shorter["usage"]!["total_tokens"]!).ShouldBe(14);
    }

    [Theory]
    [InlineData("\"documents\":[\"a\"]", "query")]
    [InlineData("\"query\":\"\",\"documents\":[\"a\"]", "query")]
    [InlineData("\"query\":1,\"documents\":[\"a\"]", "query")]
    [InlineData("\"query\":\"a\"", "documents")]
    [InlineData("\"query\":\"a\",\"documents\":[]", "documents")]
    [InlineData("\"query\":\"a\",\"documents\":\"a\"", "documents")]
    [InlineData("\"query\":\"a\",\"documents\":[1]", "documents[0]")]
    [InlineData("\"query\":\"a\",\"documents\":[{}]", "documents[0].text")]
    [InlineData("\"query\":\"a\",\"documents\":[\"a\"],\"top_n\":0", "top_n")]
    [InlineData("\"query\":\"a\",\"documents\":[\"a\"],\"return_documents\":1", "return_documents")]
    public async Task A_wrong_field_is_named(string fields, string param)
    {
        await using var surface = await EncoderSurface.StartAsync("bert-reranker");
        ((string?)(await surface.RefusedAsync("/v1/rerank", fields))["param"]).ShouldBe(param);
    }

    [Theory]
    [InlineData("query")]
    [InlineData("documents")]
    [InlineData("top_n")]
    [InlineData("return_documents")]
    [InlineData("raw_scores")]
    [InlineData("max_tokens_per_doc")]
    [InlineData("truncate_prompt_tokens")]
    public async Task A_field_of_any_kind_is_accepted_or_refused_by_name(string field)
    {
        await using var surface = await EncoderSurface.StartAsync("bert-reranker");
        await surface.MustNameAsync("/v1/rerank", "\"query\":\"a\",\"documents\":[\"b\"]", field);
    }

    [Fact]
    public async Task A_reranker_makes_no_embeddings_and_no_text()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-reranker");
        ((string?)(await surface.RefusedAsync("/v1/embeddings", "\"input\":\"a\""))["message"])!.ShouldContain("/v1/rerank");
        ((string?)(await surface.RefusedAsync("/v1/chat/completions", "\"messages\":[]"))["message"])!.ShouldContain("/v1/rerank");
    }
}
