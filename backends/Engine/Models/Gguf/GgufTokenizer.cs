using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Models.Gguf;

/// <summary>Writes the tokenizer inside a GGUF file as a <c>tokenizer.json</c>, so that there is one tokenizer to read.</summary>
internal sealed class GgufTokenizer
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Llama3Pattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen2Pattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string BloomPattern = @" ?[^(\s|.,!?…。，、।۔،)]+";

    private readonly GgufFile file;
    private readonly string[] tokens;
    private readonly long[] types;

    public GgufTokenizer(GgufFile file)
    {
        this.file = file;
        tokens = [.. List("tokenizer.ggml.tokens").Select(token => token as string ?? throw file.Bad("a token is not a text"))];
        if (tokens.Length is 0 or > Tokenizer.MaxId) throw file.Bad("has no tokens, or far too many");
        types = [.. List("tokenizer.ggml.token_type").Select(type => type as long? ?? 1)];
        if (types.Length == 0) types = [.. Enumerable.Repeat(1L, tokens.Length)];
        if (types.Length != tokens.Length) throw file.Bad("has another number of token types than of tokens");
    }

    public byte[] ToJson()
    {
        var json = (file.Metadata.GetValueOrDefault("tokenizer.ggml.model") as string) switch
        {
            "gpt2" => ByteLevelJson(),
            "llama" => SentencePieceJson(),
            var other => throw file.Bad($"the tokenizer '{other}' is not supported; known are gpt2 and llama"),
        };
        json["added_tokens"] = AddedTokens();
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    private JsonObject ByteLevelJson()
    {
        var pre = file.Metadata.GetValueOrDefault("tokenizer.ggml.pre") as string ?? "default";
        var merges = List("tokenizer.ggml.merges").Select(merge => (JsonNode?)(merge as string ?? throw file.Bad("a merge is not a text"))).ToArray();
        JsonObject byteLevel(bool regex) => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = regex };
        JsonObject split(string pattern) => new()
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        };
        JsonObject both(JsonObject first, JsonObject second) => new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(first, second) };
        var splitter = pre switch
        {
            "gpt-2" or "default" => byteLevel(true),
            "smollm" => both(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, byteLevel(true)),
            "llama-bpe" or "llama3" or "llama-v3" => both(split(Llama3Pattern), byteLevel(false)),
            "qwen2" => both(split(Qwen2Pattern), byteLevel(false)),
            "bloom" => both(split(BloomPattern), byteLevel(false)),
            _ => throw file.Bad($"the pre-tokenizer '{pre}' is not supported"),
        };
        return new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["ignore_merges"] = pre is "llama-bpe" or "llama3" or "llama-v3",
                ["vocab"] = Vocabulary(),
                ["merges"] = new JsonArray(merges),
            },
            ["pre_tokenizer"] = splitter,
            ["decoder"] = byteLevel(true),
            ["post_processor"] = Frame(beginByDefault: pre is "llama-bpe" or "llama3" or "llama-v3"),
        };
    }

    /// <summary>SentencePiece joins the best-scored pair first: that is a merge list in the order of the scores.</summary>
    private JsonObject SentencePieceJson()
    {
        var scores = List("tokenizer.ggml.scores").Select(score => score as double? ?? 0).ToArray();
        if (scores.Length != tokens.Length) throw file.Bad("has another number of scores than of tokens");
        var space = file.Metadata.GetValueOrDefault("tokenizer.ggml.add_space_prefix") as bool? ?? true;
        var replace = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" };
        var decoders = new JsonArray(
            new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
            new JsonObject { ["type"] = "ByteFallback" }, new JsonObject { ["type"] = "Fuse" });
        if (space) decoders.Add(new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        return new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = true,
                ["fuse_unk"] = true,
                ["unk_token"] = tokens[file.Metadata.GetValueOrDefault("tokenizer.ggml.unknown_token_id") is long id && id >= 0 && id < tokens.Length ? (int)id : 0],
                ["vocab"] = Vocabulary(),
                ["merges"] = new JsonArray([.. ScoredMerges.Derive(tokens, scores, i => types[i] is 1 or 4)
                    .Select(merge => new JsonArray(merge.Left, merge.Right))]),
            },
            ["normalizer"] = space
                ? new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" }, replace) }
                : replace,
            ["decoder"] = new JsonObject { ["type"] = "Sequence", ["decoders"] = decoders },
            ["post_processor"] = Frame(beginByDefault: true),
        };
    }

    private JsonObject Vocabulary()
    {
        var vocabulary = new JsonObject();
        for (var i = 0; i < tokens.Length; i++)
            if (!vocabulary.TryAdd(tokens[i], i)) throw file.Bad($"token {i} is a repetition");
        return vocabulary;
    }

    /// <summary>Control tokens (3) are special; the makers' own (4) are matched in text but are text.</summary>
    private JsonArray AddedTokens() => new([.. Enumerable.Range(0, tokens.Length).Where(i => types[i] is 3 or 4).Select(i => new JsonObject
    {
        ["id"] = i,
        ["content"] = tokens[i],
        ["normalized"] = false,
        ["special"] = types[i] == 3,
    })]);

    private JsonObject? Frame(bool beginByDefault)
    {
        var items = new JsonArray();
        var known = new JsonObject();
        Add("bos", beginByDefault);
        items.Add(new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A" } });
        Add("eos", false);
        return items.Count == 1 ? null : new JsonObject { ["type"] = "TemplateProcessing", ["single"] = items, ["special_tokens"] = known };

        void Add(string name, bool byDefault)
        {
            if (!(file.Metadata.GetValueOrDefault($"tokenizer.ggml.add_{name}_token") as bool? ?? byDefault)) return;
            if (file.Metadata.GetValueOrDefault($"tokenizer.ggml.{name}_token_id") is not long id || id < 0 || id >= tokens.Length) return;
            items.Add(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = name } });
            known[name] = new JsonObject { ["ids"] = new JsonArray(id) };
        }
    }

    private object[] List(string key) => file.Metadata.TryGetValue(key, out var value) ? value as object[] ?? throw file.Bad($"'{key}' is not a list") : [];
}
