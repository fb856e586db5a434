using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Client;
using Gateway.Protocol.Embeddings;
using Gateway.Protocol.Rerank;
using OpenAI;
using OpenAI.Embeddings;

namespace Gateway.EndToEnd.Tests;

/// <summary>A gateway whose models folder holds embedding models and a reranker: found by their files, asked through real clients.</summary>
public sealed class EmbeddingsTests(EmbeddingsTests.Folder folder) : IClassFixture<EmbeddingsTests.Folder>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Address => folder.Gateway.Address;

    [Fact]
    public async Task The_official_package_s_vectors_are_those_of_the_bundled_client()
    {
        var official = new EmbeddingClient("bert-mean", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(Address, "v1") });
        using var bundled = new GatewayClient(Address);

        OpenAIEmbeddingCollection seen = await official.GenerateEmbeddingsAsync(["The quick brown fox.", "hello"], cancellationToken: Cancellation);
        var own = await bundled.Embeddings.CreateAsync(new EmbeddingRequest("bert-mean", EmbeddingInput.FromTexts("The quick brown fox.", "hello")), Cancellation);

        seen.Select(one => one.ToFloats().ToArray()).ShouldBe(own.Data.Select(one => one.Vector.ToArray()));
        seen.Usage.InputTokenCount.ShouldBe(13);
        own.Usage.PromptTokens.ShouldBe(13);
        own.Data.ShouldAllBe(one => Math.Abs(one.Vector.ToArray().Sum(x => x * x) - 1) < 1e-5);
    }

    [Fact]
    public async Task The_npm_package_gets_the_same_numbers_by_base64_as_by_numbers()
    {
        var seen = await Node.RunAsync("embeddings.mjs", Address);

        seen["implied"]!.ToJsonString().ShouldBe(seen["numbers"]!.ToJsonString());
        seen["implied"]![0]!.AsArray().Count.ShouldBe(64);
        ((int)seen["usage"]!["prompt_tokens"]!).ShouldBe(13);
    }

    [Fact]
    public async Task A_decoder_folder_with_modules_and_a_reranker_are_served_beside()
    {
        using var client = new GatewayClient(Address);

        var query = await client.Embeddings.CreateAsync(new EmbeddingRequest("qwen3-lasttoken", "hello") { PromptName = "query" }, Cancellation);
        var ranked = await client.Rerank.RankAsync(new RerankRequest("bert-reranker", "What is the capital of France?", ["Paris is the capital of France.", "The quick brown fox jumps."]), Cancellation);

        query.Data[0].Vector.Length.ShouldBe(64);
        ranked.Results.Select(result => result.Index).ShouldBe([1, 0]);
    }

    [Theory]
    [InlineData("v1/chat/completions", "bert-mean", "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]", "/v1/embeddings")]
    [InlineData("v1/embeddings", "tiny-chat", "\"input\":\"hi\"", "/v1/chat/completions")]
    [InlineData("v1/embeddings", "bert-reranker", "\"input\":\"hi\"", "/v1/rerank")]
    [InlineData("v1/rerank", "bert-mean", "\"query\":\"hi\",\"documents\":[\"a\"]", "/v1/embeddings")]
    public async Task A_model_asked_for_what_it_cannot_do_says_where_to_go(string path, string model, string fields, string instead)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var answer = await http.PostAsync(path, new StringContent($"{{\"model\":\"{model}\",{fields}}}", Encoding.UTF8, "application/json"), Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["error"]!;
        ((string?)error["param"]).ShouldBe("model");
        ((string?)error["message"])!.ShouldContain(instead);
    }

    [Fact]
    public async Task The_route_of_2022_answers_too()
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var answer = await http.PostAsync("v1/engines/bert-mean/embeddings", new StringContent("{\"input\":\"hello\"}", Encoding.UTF8, "application/json"), Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>One gateway for the class.</summary>
    public sealed class Folder : IAsyncLifetime
    {
        /// <summary>The process.</summary>
        public RunningGateway Gateway { get; } = new();

        /// <inheritdoc/>
        public async ValueTask InitializeAsync() => await Gateway.StartAsync("--Gateway:ModelsFolder", Shared.Golden("embeddings"));

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
