using System.Text.Json.Nodes;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Encoders;

/// <summary>Embedding models against sentence-transformers.</summary>
public class GoldenEmbeddingTests
{
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData("bert-mean")]
    [InlineData("bert-cls-dense")]
    [InlineData("xlmr-cls")]
    [InlineData("modernbert-mean")]
    [InlineData("qwen3-lasttoken")]
    public async Task Ids_and_vectors_are_the_reference_s_for_every_prompt(string name)
    {
        var path = Shared.GoldenOrOptional("embeddings", name);
        await using var model = new GoldenEncoder(path);
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
    [InlineData("qwen3-lasttoken")]
    public async Task A_text_among_others_has_the_vector_that_it_has_alone(string name)
    {
        await using var model = new GoldenEncoder(Shared.GoldenOrOptional("embeddings", name));
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
        await using var model = new GoldenEncoder(Shared.Optional("models", "all-minilm-l6-v2"), golden);
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
}
