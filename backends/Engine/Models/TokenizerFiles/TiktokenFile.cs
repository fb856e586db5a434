using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Models.TokenizerFiles;

/// <summary>
/// tiktoken's rank files: a byte string in base64 and its rank a line. They say neither how text is split nor which tokens are special: the first is known
/// for the families that use them, the second stands in <c>tokenizer_config.json</c>.
/// </summary>
internal static class TiktokenFile
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Rest = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Cl100k = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + Rest; // Llama 3's as well
    private const string Qwen = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + Rest;
    private const string O200k = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + Contractions + @"?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + Contractions + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <exception cref="ModelFolderException">The file is not what it claims to be, or nobody knows how its family splits text.</exception>
    public static JsonObject ToJson(ReadOnlySpan<byte> text, string file, JsonObject config, JsonObject tokenizerConfig)
    {
        var tokens = new List<string>();
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].TrimEnd((byte)'\r');
            if (line.IsEmpty) continue;
            var space = line.IndexOf((byte)' ');
            if (space < 0 || !int.TryParse(line[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var rank) || rank != tokens.Count)
                throw new ModelFolderException(file, $"line {tokens.Count + 1} is not a token in base64 and the rank {tokens.Count}");
            tokens.Add(ByteLevel.Encode(Decoded(Encoding.ASCII.GetString(line[..space]), file)));
        }

        if (tokens.Count == 0) throw new ModelFolderException(file, "has no tokens");
        var added = new JsonArray();
        foreach (var (key, node) in tokenizerConfig["added_tokens_decoder"] as JsonObject ?? [])
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || (string?)node?["content"] is not { } content) throw new ModelFolderException(file, $"tokenizer_config.json describes the added token '{key}' badly");
            added.Add(TokenizerFile.Added(id, content, (bool?)node["special"] ?? true));
        }

        return new JsonObject
        {
            ["model"] = TokenizerFile.RankedBytes(tokens, 0, []),
            ["pre_tokenizer"] = TokenizerFile.ByteLevelPieces(PatternOf(file, (string?)config["model_type"] ?? "")),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["added_tokens"] = added,
        };
    }

    public static byte[] Decoded(string base64, string file)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new ModelFolderException(file, $"'{(base64.Length > 40 ? base64[..40] + "…" : base64)}' is not base64");
        }
    }

    private static string PatternOf(string file, string family) => (Path.GetFileNameWithoutExtension(file), family) switch
    {
        ("o200k_base" or "o200k_harmony", _) or (_, "gpt_oss") => O200k,
        ("cl100k_base", _) or (_, "llama") => Cl100k,
        ("qwen", _) => Qwen,
        (_, var other) when other.StartsWith("qwen", StringComparison.Ordinal) => Qwen,
        _ => throw new ModelFolderException(file, "does not say how text is split, and it is known only for cl100k_base, o200k_base, llama, gpt_oss and qwen"),
    };
}
