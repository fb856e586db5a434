using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Models.TokenizerFiles;

/// <summary>Mistral's <c>tekken.json</c>: byte strings by rank behind a block of special tokens.</summary>
internal static class TekkenFile
{
    private const int MostTokens = 1 << 20;

    /// <exception cref="ModelFolderException">The file is not what it claims to be.</exception>
    public static JsonObject ToJson(JsonObject tekken, string file)
    {
        var config = new ConfigReader(tekken["config"] as JsonObject ?? throw new ModelFolderException(file, "has no 'config'"), file);
        var (size, specials) = (config.Size("default_vocab_size"), config.OptionalSize("default_num_special_tokens") ?? 0);
        var pattern = config.Text("pattern") ?? throw config.Bad("has no 'pattern'");
        if (size > MostTokens || specials >= size) throw config.Bad($"{specials} special tokens among {size} cannot be");
        var vocab = tekken["vocab"] as JsonArray ?? throw config.Bad("has no 'vocab'");
        if (vocab.Count < size - specials) throw config.Bad($"has {vocab.Count} tokens, {size - specials} are wanted");
        var tokens = new string[size - specials];
        for (var rank = 0; rank < tokens.Length; rank++)
        {
            // Everything beyond the default size is there for larger vocabularies.
            if (vocab[rank] is not JsonObject entry || (int?)entry["rank"] != rank || (string?)entry["token_bytes"] is not { } bytes) throw config.Bad($"entry {rank} of 'vocab' is not a token of that rank");
            tokens[rank] = ByteLevel.Encode(TiktokenFile.Decoded(bytes, file));
        }

        var names = Enumerable.Range(0, specials).Select(i => $"<SPECIAL_{i}>").ToArray();
        foreach (var entry in (tekken["special_tokens"] as JsonArray ?? []).OfType<JsonObject>())
            if ((int?)entry["rank"] is { } rank && rank >= 0 && rank < specials && (string?)entry["token_str"] is { Length: > 0 } name) names[rank] = name;
        if (specials > 0 && names.Length > 2 && tekken["special_tokens"] is null) (names[0], names[1], names[2]) = ("<unk>", "<s>", "</s>");
        var vocabulary = new JsonObject();
        for (var i = 0; i < specials; i++) vocabulary[names[i]] = i;
        var begin = Array.IndexOf(names, "<s>");
        return new JsonObject
        {
            ["model"] = TokenizerFile.RankedBytes(tokens, specials, vocabulary),
            ["pre_tokenizer"] = TokenizerFile.ByteLevelPieces(pattern),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["post_processor"] = TokenizerFile.Frame(begin < 0 ? null : ("<s>", begin), null),
            ["added_tokens"] = new JsonArray([.. names.Select((name, i) => TokenizerFile.Added(i, name, special: true))]),
        };
    }
}
