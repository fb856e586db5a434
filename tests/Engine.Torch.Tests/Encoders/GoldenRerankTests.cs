using System.Text.Json.Nodes;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Encoders;

/// <summary>Cross-encoders against transformers and sentence-transformers.</summary>
public class GoldenRerankTests
{
    [Theory]
    [InlineData("bert-reranker")]
    [InlineData("xlmr-reranker")]
    public async Task Pairs_have_the_reference_s_ids_types_and_scores(string name)
    {
        await using var model = new GoldenEncoder(Shared.GoldenOrOptional("embeddings", name));
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
