using System.Text.Json.Nodes;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.TestKit.Families;
using Shouldly;
using Xunit;

namespace Gateway.TestKit.Encoders;

/// <summary>What every engine's encoders must give: the numbers of sentence-transformers and transformers.</summary>
public abstract class EncoderSuite
{
    private const double Tolerance = 2e-5;

    /// <summary>The engine.</summary>
    protected abstract IEncoderRunner Load(ModelFolder folder, EncoderFolder encoder);

    [Theory]
    [InlineData("bert-mean")]
    [InlineData("bert-cls-dense")]
    [InlineData("xlmr-cls")]
    [InlineData("modernbert-mean")]
    public async Task Ids_and_vectors_are_the_reference_s_for_every_prompt(string name)
    {
        var path = Shared.GoldenOrOptional("embeddings", name);
        await using var model = new GoldenEncoder(path, Load);
        var texts = ((JsonArray)model.Golden["texts"]!).Select(text => (string)text!).ToList();
        foreach (var (prompt, result) in (JsonObject)model.Golden["results"]!)
        {
            var framed = texts.Select(text => model.Framing.Text(text, prompt == "plain" ? "" : model.Folder.Prompts[prompt], model.Folder.MaxTokens)).ToList();
            var ids = (JsonArray)result!["input_ids"]!;
            for (var i = 0; i < texts.Count; i++) framed[i].Input.Tokens.ToArray().ShouldBe(GoldenModel.Ids(ids[i]), texts[i]);

            var vectors = await model.EncodeAsync(framed);

            var expected = GoldenEncoder.Rows(Path.Combine(path, "goldens.safetensors"), prompt);
            for (var i = 0; i < texts.Count; i++) GoldenModel.Distance(vectors[i], expected[i]).ShouldBeLessThan(Tolerance, $"{prompt}: {texts[i]}");
        }
    }

    [Theory]
    [InlineData("bert-mean")]
    [InlineData("modernbert-mean")]
    public async Task A_text_among_others_has_the_vector_that_it_has_alone(string name)
    {
        await using var model = new GoldenEncoder(Shared.GoldenOrOptional("embeddings", name), Load);
        var texts = Enumerable.Range(0, 60).Select(i => model.Framing.Text(string.Concat(Enumerable.Repeat("the lazy dog ", i % 13)) + i, "", model.Folder.MaxTokens)).ToList();

        var together = await model.EncodeAsync(texts);

        for (var i = 0; i < texts.Count; i++)
        {
            var alone = await model.EncodeAsync(texts[i]);
            GoldenModel.Distance(together[i], alone[0]).ShouldBeLessThan(1e-6);
        }
    }

    [Fact]
    public async Task MiniLM_s_real_weights_give_the_reference_s_vectors()
    {
        var golden = Shared.Optional("golden", "embeddings", "minilm.json");
        var rows = GoldenEncoder.Rows(Shared.Optional("golden", "embeddings", "minilm.safetensors"), "embeddings");
        var texts = (JsonArray)JsonNode.Parse(await File.ReadAllBytesAsync(golden, TestContext.Current.CancellationToken))!["texts"]!;
        await using var model = new GoldenEncoder(Shared.Optional("models", "all-minilm-l6-v2"), Load, golden);
        model.Folder.MaxTokens.ShouldBe(256);
        var framed = texts.Select(text => model.Framing.Text((string)text!["text"]!, "", model.Folder.MaxTokens)).ToList();
        for (var i = 0; i < framed.Count; i++)
        {
            framed[i].Input.Tokens.ToArray().ShouldBe(GoldenModel.Ids(texts[i]!["input_ids"]));
            framed[i].FullLength.ShouldBe((int)texts[i]!["tokens_untruncated"]!);
        }

        var vectors = await model.EncodeAsync(framed);

        for (var i = 0; i < framed.Count; i++) GoldenModel.Distance(vectors[i], rows[i]).ShouldBeLessThan(Tolerance);
    }

    [Theory]
    [InlineData("bert-reranker")]
    [InlineData("xlmr-reranker")]
    public async Task Pairs_have_the_reference_s_ids_types_and_scores(string name)
    {
        await using var model = new GoldenEncoder(Shared.GoldenOrOptional("embeddings", name), Load);
        model.Folder.Labels.Count.ShouldBe(1);
        var pairs = (JsonArray)model.Golden["pairs"]!;
        var limit = (int)model.Golden["max_length"]!;
        var framed = pairs.Select(pair => model.Framing.Pair((string)pair!["query"]!, (string)pair["document"]!, limit)).ToList();
        for (var i = 0; i < pairs.Count; i++)
        {
            framed[i].Input.Tokens.ToArray().ShouldBe(GoldenModel.Ids(pairs[i]!["input_ids"]));
            if (pairs[i]!["token_type_ids"] is { } types) framed[i].Input.TokenTypes.ToArray().ShouldBe(GoldenModel.Ids(types));
        }

        var scores = await model.EncodeAsync(framed);

        for (var i = 0; i < pairs.Count; i++) ((double)scores[i].ShouldHaveSingleItem()).ShouldBe((double)pairs[i]!["logits"]![0]!, 2e-5);
    }
}
