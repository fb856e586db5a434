using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Models.TokenizerFiles;

/// <summary>
/// The tokenizer of a model folder in whatever file it comes: <c>tokenizer.json</c>, or one of the older forms, each written as a
/// <c>tokenizer.json</c> so that there is one tokenizer to read.
/// </summary>
internal static class TokenizerFile
{
    /// <exception cref="ModelFolderException">There is none, or it is not what it claims to be.</exception>
    public static Tokenizer Read(string folder, JsonObject config, JsonObject tokenizerConfig)
    {
        string File_(string name) => Path.Combine(folder, name);
        if (File.Exists(File_("tokenizer.json"))) return Tokenizer.FromJson(ModelFiles.ReadSmall(File_("tokenizer.json")), File_("tokenizer.json"));
        if (File.Exists(File_("tekken.json"))) return Tokenizer.FromJson(Written(TekkenFile.ToJson(ModelFiles.ReadObject(File_("tekken.json")), File_("tekken.json"))), File_("tekken.json"));
        if (Directory.EnumerateFiles(folder, "*.tiktoken").Order(StringComparer.Ordinal).FirstOrDefault() is { } ranks)
            return Tokenizer.FromJson(Written(TiktokenFile.ToJson(ModelFiles.ReadSmall(ranks), ranks, config, tokenizerConfig)), ranks);
        foreach (var name in (string[])["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"])
            if (File.Exists(File_(name))) return Tokenizer.FromJson(Written(SentencePieceFile.ToJson(ModelFiles.ReadSmall(File_(name)), File_(name), tokenizerConfig)), File_(name));
        throw new ModelFolderException(File_("tokenizer.json"), "is missing, and there is no tokenizer.model, *.tiktoken or tekken.json in its place");
    }

    /// <summary>Byte-level pieces split by a pattern, as tiktoken does.</summary>
    public static JsonObject ByteLevelPieces(string pattern) => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false },
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
    };

    /// <summary>
    /// A model of byte strings by rank: the pair whose union has the lowest rank is joined first, and a piece that is a token is never taken apart.
    /// </summary>
    public static JsonObject RankedBytes(IReadOnlyList<string> tokens, int firstId, JsonObject vocabulary)
    {
        for (var rank = 0; rank < tokens.Count; rank++) vocabulary[tokens[rank]] = rank + firstId;
        return new JsonObject
        {
            ["type"] = "BPE",
            ["ignore_merges"] = true,
            ["vocab"] = vocabulary,
            ["merges"] = new JsonArray([.. ScoredMerges.Derive(tokens, [.. Enumerable.Range(0, tokens.Count).Select(rank => -(double)rank)], _ => true).Select(merge => new JsonArray(merge.Left, merge.Right))]),
        };
    }

    public static JsonObject Added(int id, string content, bool special) => new() { ["id"] = id, ["content"] = content, ["normalized"] = false, ["special"] = special };

    /// <summary>Tokens that go before and behind every text, or null.</summary>
    public static JsonObject? Frame((string Name, int Id)? before, (string Name, int Id)? behind)
    {
        if (before is null && behind is null) return null;
        var (items, known) = (new JsonArray(), new JsonObject());
        void Add((string Name, int Id)? token)
        {
            if (token is not { } one) return;
            items.Add(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = one.Name } });
            known[one.Name] = new JsonObject { ["ids"] = new JsonArray(one.Id) };
        }

        Add(before);
        items.Add(new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A" } });
        Add(behind);
        return new JsonObject { ["type"] = "TemplateProcessing", ["single"] = items, ["special_tokens"] = known };
    }

    private static byte[] Written(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json);
}
