using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

/// <summary>Equality with Hugging Face's <c>tokenizers</c>, id by id and piece by piece.</summary>
public class GoldenTokenizerTests
{
    private static readonly Lazy<JsonObject> Synthetic = new(() =>
        (JsonObject)JsonNode.Parse(Shared.GoldenText("tokenizers", "synthetic", "tokenizers.json"))!);

    private static readonly Lazy<ILookup<string, JsonObject>> SyntheticRows = new(() =>
        Shared.GoldenText("tokenizers", "synthetic", "goldens.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (JsonObject)JsonNode.Parse(line)!).ToLookup(row => (string)row["tokenizer"]!));

    public static TheoryData<string> SyntheticNames => new(Synthetic.Value.Select(entry => entry.Key));

    [Theory]
    [MemberData(nameof(SyntheticNames))]
    public void A_made_up_tokenizer_gives_the_reference_s_ids_texts_and_pieces(string name)
    {
        var tokenizer = Tokenizer.FromJson(Encoding.UTF8.GetBytes(Synthetic.Value[name]!.ToJsonString()), name);

        var rows = SyntheticRows.Value[name].ToList();
        rows.Count.ShouldBeGreaterThan(20);
        // Made-up rows were made with the lengths that the file stores in force, real ones without.
        rows.SelectMany(row => TokenizerRow.Differences(tokenizer, row, limited: true)).Where(difference => difference.Length > 0).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("smollm2")]
    [InlineData("cl100k")]
    [InlineData("o200k")]
    [InlineData("mistral-v1")]
    [InlineData("mistral-v3")]
    [InlineData("mistral-tekken")]
    [InlineData("minilm")]
    [InlineData("unigram-t5")]
    [InlineData("unigram-nfkc")]
    [InlineData("unigram-bytes")]
    public void A_real_tokenizer_gives_the_reference_s_ids_and_texts(string name)
    {
        using var zipped = new GZipStream(File.OpenRead(Shared.Optional("golden", "tokenizers", "real", name + ".tokenizer.json.gz")), CompressionMode.Decompress);
        using var json = new MemoryStream();
        zipped.CopyTo(json);
        var tokenizer = Tokenizer.FromJson(json.ToArray(), name);

        var rows = File.ReadLines(Shared.Optional("golden", "tokenizers", "real", name + ".goldens.jsonl")).Select(line => (JsonObject)JsonNode.Parse(line)!).ToList();

        rows.Count.ShouldBeGreaterThan(100);
        rows.SelectMany(row => TokenizerRow.Differences(tokenizer, row)).Where(difference => difference.Length > 0).ShouldBeEmpty();
    }
}
