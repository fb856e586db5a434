using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

/// <summary>Where regex engines differ: astral letters, digits of all kinds, line ends, the long s.</summary>
public sealed class GoldenPieceTests
{
    private static readonly Lazy<ILookup<string, JsonNode>> Rows = new(() => File.ReadLines(Shared.Golden("tokenizers", "synthetic", "regex-pieces.jsonl"))
        .Select(line => JsonNode.Parse(line)!).ToLookup(row => (string)row["tokenizer"]!));

    public static TheoryData<string> Names => new(Rows.Value.Select(rows => rows.Key));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_split_gives_the_reference_s_pieces(string name)
    {
        var split = JsonNode.Parse(Shared.GoldenText("tokenizers", "synthetic", "tokenizers.json"))![name]!["pre_tokenizer"]!;
        // The pieces are those before the mapping of bytes.
        if (split["pretokenizers"] is JsonArray steps && (string?)steps[^1]!["type"] == "ByteLevel") steps.RemoveAt(steps.Count - 1);
        var failures = new List<string>();
        foreach (var row in Rows.Value[name])
        {
            var expected = row["pieces"]!.AsArray().Select(piece => (string)piece!).ToList();
            var vocabulary = new JsonObject(expected.Append("<unknown>").Distinct().Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id)));
            var json = new JsonObject
            {
                ["pre_tokenizer"] = split.DeepClone(),
                ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = "<unknown>" },
            };
            var tokenizer = Tokenizer.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), name);
            var pieces = tokenizer.Encode((string)row["text"]!).Select(id => tokenizer.TokenText(id)!).ToList();
            if (!pieces.SequenceEqual(expected)) failures.Add($"{row["text"]!.ToJsonString()}: {string.Join('|', pieces)} for {string.Join('|', expected)}");
        }

        failures.ShouldBeEmpty(string.Join('\n', failures));
    }
}
