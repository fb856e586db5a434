using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Models.TokenizerFiles;
using Gateway.Engine.Tests.Text;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Models;

/// <summary>
/// The older forms of tokenizers: each is made here from a golden tokenizer in the form's own format, and has to give the same ids and texts.
/// </summary>
public class TokenizerFileTests
{
    [Theory]
    [InlineData("cl100k", "cl100k_base")]
    [InlineData("o200k", "o200k_base")]
    public void A_rank_file_is_the_tokenizer_that_it_was_made_from(string name, string file)
    {
        using var folder = new TemporaryFolder();
        var (golden, rows) = Golden(name);
        File.WriteAllLines(folder.File(file + ".tiktoken"), Vocabulary(golden).Where(entry => !IsAdded(golden, entry.Id)).Select(entry => $"{Convert.ToBase64String(ByteLevel.Decode(entry.Token))} {entry.Id}"));
        var added = new JsonObject();
        foreach (var token in golden["added_tokens"]!.AsArray()) added[token!["id"]!.ToString()] = new JsonObject { ["content"] = (string)token["content"]!, ["special"] = true };

        var tokenizer = TokenizerFile.Read(folder.Path, [], new JsonObject { ["added_tokens_decoder"] = added });

        rows.SelectMany(row => TokenizerRow.Differences(tokenizer, row)).Where(difference => difference.Length > 0).ShouldBeEmpty();
    }

    [Fact]
    public void A_tekken_file_is_the_tokenizer_that_it_was_made_from()
    {
        using var folder = new TemporaryFolder();
        var (golden, rows) = Golden("mistral-tekken");
        var specials = golden["added_tokens"]!.AsArray().Count;
        var tokens = Vocabulary(golden).Where(entry => entry.Id >= specials).ToList();
        File.WriteAllText(folder.File("tekken.json"), new JsonObject
        {
            ["config"] = new JsonObject
            {
                ["pattern"] = (string)golden["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"]!,
                ["default_vocab_size"] = tokens.Count + specials,
                ["default_num_special_tokens"] = specials,
            },
            ["vocab"] = new JsonArray([.. tokens.Select(entry => new JsonObject { ["rank"] = entry.Id - specials, ["token_bytes"] = Convert.ToBase64String(ByteLevel.Decode(entry.Token)) })]),
            ["special_tokens"] = new JsonArray([.. golden["added_tokens"]!.AsArray().Select(token => new JsonObject { ["rank"] = (int)token!["id"]!, ["token_str"] = (string)token["content"]! })]),
        }.ToJsonString());

        var tokenizer = TokenizerFile.Read(folder.Path, [], []);

        rows.SelectMany(row => TokenizerRow.Differences(tokenizer, row)).Where(difference => difference.Length > 0).ShouldBeEmpty();
    }

    [Fact]
    public void A_SentencePiece_file_of_merges_is_the_tokenizer_that_it_was_made_from()
    {
        using var folder = new TemporaryFolder();
        var (golden, rows) = Golden("mistral-v1");
        // Joined in the order of the scores, so each piece has the place of its first merge for a score.
        var places = new Dictionary<string, int>();
        foreach (var merge in golden["model"]!["merges"]!.AsArray()) places.TryAdd((string)merge![0]! + (string)merge[1]!, places.Count);
        var pieces = Vocabulary(golden).Select(entry => (entry.Token, Score: -(float)places.GetValueOrDefault(entry.Token, 0), Kind: KindOf(golden, entry)));
        File.WriteAllBytes(folder.File("tokenizer.model"), SentencePiece(pieces, kind: 2, charsMap: null, prefix: true));

        var tokenizer = TokenizerFile.Read(folder.Path, [], []);

        rows.SelectMany(row => TokenizerRow.Differences(tokenizer, row)).Where(difference => difference.Length > 0).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("unigram-nfkc")]
    [InlineData("unigram-bytes")]
    public void A_SentencePiece_file_of_scores_is_the_tokenizer_that_it_was_made_from(string name)
    {
        using var folder = new TemporaryFolder();
        var (golden, rows) = Golden(name);
        var entries = golden["model"]!["vocab"]!.AsArray();
        var unknown = (int)golden["model"]!["unk_id"]!;
        var pieces = entries.Select((entry, id) => (Token: (string)entry![0]!, Score: (float)entry[1]!, Kind: id == unknown ? 2 : KindOf(golden, ((string)entry[0]!, id))));
        var charsMap = golden["normalizer"]?["normalizers"] is JsonArray parts ? parts.Select(part => (string?)part!["precompiled_charsmap"]).FirstOrDefault(map => map is not null) : (string?)golden["normalizer"]?["precompiled_charsmap"];
        File.WriteAllBytes(folder.File("spiece.model"), SentencePiece(pieces, kind: 1, charsMap, prefix: true, extraSpaces: charsMap is not null));

        var tokenizer = TokenizerFile.Read(folder.Path, [], []);

        // Spaces at the ends and in runs are Hugging Face's own affair (its files treat them in several ways), and so are special tokens in the text.
        var compared = 0;
        foreach (var row in rows)
        {
            var text = (string)row["text"]!;
            if (text.Trim() != text || text.Length == 0 || text.Contains("  ", StringComparison.Ordinal) || text.Contains('<') || text.Contains('▁')) continue;
            tokenizer.Encode(text, addSpecialTokens: false).ShouldBe(row["ids"]!.AsArray().Select(id => (int)id!), text);
            compared++;
        }

        compared.ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData("tokenizer.model", "\u0001\u0002\u0003", "is no SentencePiece model")]
    [InlineData("tokenizer.model", "", "has no pieces")]
    [InlineData("cl100k_base.tiktoken", "!!!! 0\n", "is not base64")]
    [InlineData("cl100k_base.tiktoken", "YQ== 1\n", "the rank 0")]
    [InlineData("cl100k_base.tiktoken", "\n", "has no tokens")]
    [InlineData("mystery.tiktoken", "YQ== 0\n", "does not say how text is split")]
    [InlineData("tekken.json", "{}", "has no 'config'")]
    [InlineData("tekken.json", "{\"config\":{\"pattern\":\".\",\"default_vocab_size\":10},\"vocab\":[]}", "has 0 tokens, 10 are wanted")]
    [InlineData("README.md", "", "is missing, and there is no tokenizer.model")]
    public void A_file_that_is_not_what_it_claims_is_refused_by_name(string name, string content, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), content);

        Should.Throw<ModelFolderException>(() => TokenizerFile.Read(folder.Path, [], [])).Message.ShouldContain(message);
    }

    private static (JsonObject Golden, List<JsonObject> Rows) Golden(string name)
    {
        using var zipped = new GZipStream(File.OpenRead(Shared.Optional("golden", "tokenizers", "real", name + ".tokenizer.json.gz")), CompressionMode.Decompress);
        return ((JsonObject)JsonNode.Parse(zipped)!, [.. File.ReadLines(Shared.Optional("golden", "tokenizers", "real", name + ".goldens.jsonl")).Select(line => (JsonObject)JsonNode.Parse(line)!)]);
    }

    private static IEnumerable<(string Token, int Id)> Vocabulary(JsonObject golden) =>
        golden["model"]!["vocab"]!.AsObject().Select(entry => (Token: entry.Key, Id: (int)entry.Value!)).OrderBy(entry => entry.Id);

    private static bool IsAdded(JsonObject golden, int id) => golden["added_tokens"]!.AsArray().Any(token => (int)token!["id"]! == id);

    /// <summary>Normal, unknown, control or byte.</summary>
    private static int KindOf(JsonObject golden, (string Token, int Id) entry) =>
        entry.Token == "<unk>" ? 2 : IsAdded(golden, entry.Id) ? 3 : entry.Token is ['<', '0', 'x', _, _, '>'] ? 6 : 1;

    private static byte[] SentencePiece(IEnumerable<(string Token, float Score, int Kind)> pieces, int kind, string? charsMap, bool prefix, bool extraSpaces = false)
    {
        using var model = new MemoryStream();
        foreach (var (token, score, type) in pieces)
        {
            var text = Encoding.UTF8.GetBytes(token);
            Field(model, 1, [0x0A, .. Varint((ulong)text.Length), .. text, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)type]);
        }

        Field(model, 2, [0x18, (byte)kind]);
        var map = charsMap is null ? [] : Convert.FromBase64String(charsMap);
        Field(model, 3, [.. charsMap is null ? [] : (byte[])[0x12, .. Varint((ulong)map.Length), .. map], 0x18, prefix ? (byte)1 : (byte)0, 0x20, extraSpaces ? (byte)1 : (byte)0]);
        return model.ToArray();
    }

    private static void Field(MemoryStream to, int number, byte[] bytes) => to.Write([(byte)((number << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes]);

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
