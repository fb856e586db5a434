using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

public sealed class GoldenDecoderTests
{
    public static TheoryData<string> Names => new(Rows.Value.Select(row => (string)row["decoder"]!).Distinct());

    private static readonly Lazy<List<JsonNode>> Rows = new(() =>
        [.. File.ReadLines(Shared.Golden("tokenizers", "synthetic", "decoders.jsonl")).Select(line => JsonNode.Parse(line)!)]);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_decoder_gives_the_reference_s_text(string name)
    {
        foreach (var row in Rows.Value.Where(row => (string)row["decoder"]! == name))
        {
            var tokens = row["tokens"]!.AsArray().Select(token => (string)token!).ToList();
            var vocabulary = new JsonObject(tokens.Distinct().Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));
            var json = new JsonObject
            {
                ["decoder"] = row["spec"]!.DeepClone(),
                ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
            };
            var tokenizer = Tokenizer.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), name);
            var text = tokenizer.Decode([.. tokens.Select(token => tokenizer.TryGetId(token, out var id) ? id : -1)], false);
            // Where the reference itself panics, any text is right that comes without an exception.
            if (row["reference_panics"] is null) text.ShouldBe((string?)row["text"], row["tokens"]!.ToJsonString());
        }
    }
}
