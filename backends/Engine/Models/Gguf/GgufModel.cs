using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Models.Gguf;

/// <summary>A GGUF file read as a Hugging Face folder: configuration, names and layouts.</summary>
internal sealed class GgufModel
{
    private static readonly string[] EndNames = ["eos", "eot", "eom"];
    private static readonly (string, string)[] TokenNames = [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")];
    private readonly GgufFile file;
    private readonly string architecture;

    public GgufModel(GgufFile file)
    {
        this.file = file;
        architecture = Text("general.architecture") ?? throw file.Bad("does not say its architecture");
        var config = architecture switch
        {
            "llama" => Llama(),
            "gpt2" => Gpt2(),
            "bloom" => Bloom(),
            _ => throw file.Bad($"the architecture '{architecture}' is not supported in GGUF files; known are llama, gpt2 and bloom"),
        };
        // Through text, so that its numbers are read like those of a config.json: a node made from a long refuses to be an int.
        Config = (JsonObject)JsonNode.Parse(config.ToJsonString())!;
        Tensors = new GgufTensors(file, Names());
    }

    public JsonObject Config { get; }

    public TensorSource Tensors { get; }

    public string? ChatTemplate => Text("tokenizer.chat_template");

    /// <summary>The end of a text, of a turn and of a message, as far as the file names them.</summary>
    public ImmutableArray<int> EndTokens =>
        [.. EndNames.Select(name => Number($"tokenizer.ggml.{name}_token_id")).OfType<long>().Where(id => id is >= 0 and <= int.MaxValue).Select(id => (int)id).Distinct()];

    public IReadOnlyDictionary<string, string> SpecialTokens
    {
        get
        {
            var tokens = Array("tokenizer.ggml.tokens");
            return TokenNames
                .Select(pair => (pair.Item1, Id: Number($"tokenizer.ggml.{pair.Item2}_token_id")))
                .Where(pair => pair.Id is >= 0 && pair.Id < tokens.Length).ToDictionary(pair => pair.Item1, pair => tokens[pair.Id!.Value] as string ?? throw file.Bad("a token is not a text"));
        }
    }

    public byte[] TokenizerJson() => new GgufTokenizer(file).ToJson();

    private JsonObject Llama()
    {
        var heads = Need("attention.head_count");
        var config = Common("llama", heads);
        config["intermediate_size"] = Need("feed_forward_length");
        config["num_key_value_heads"] = Key("attention.head_count_kv") ?? heads;
        config["rms_norm_eps"] = Real("attention.layer_norm_rms_epsilon") ?? 1e-6;
        config["rope_theta"] = Real("rope.freq_base") ?? 10_000;
        if (Key("attention.key_length") is { } size) config["head_dim"] = size;
        else if (Key("rope.dimension_count") is { } turned && turned != Need("embedding_length") / heads) throw file.Bad("rotary embeddings over a part of the head are not supported for llama");
        if (Number($"{architecture}.expert_count") is > 0) throw file.Bad("mixtures of experts are not supported in GGUF files");
        if (Text($"{architecture}.rope.scaling.type") is { } scaling and not "none")
        {
            if (scaling != "linear") throw file.Bad($"the rope scaling '{scaling}' is not supported in GGUF files");
            config["rope_scaling"] = new JsonObject { ["rope_type"] = "linear", ["factor"] = Real("rope.scaling.factor") ?? 1 };
        }

        return config;
    }

    private JsonObject Gpt2()
    {
        var config = Common("gpt2", Need("attention.head_count"));
        config["n_inner"] = Key("feed_forward_length");
        config["layer_norm_epsilon"] = Real("attention.layer_norm_epsilon") ?? 1e-5;
        return config;
    }

    private JsonObject Bloom()
    {
        var config = Common("bloom", Need("attention.head_count"));
        config["layer_norm_epsilon"] = Real("attention.layer_norm_epsilon") ?? 1e-5;
        config["n_head"] = Need("attention.head_count");
        config["n_layer"] = Need("block_count");
        return config;
    }

    private JsonObject Common(string type, long heads) => new()
    {
        ["model_type"] = type,
        ["hidden_size"] = Need("embedding_length"),
        ["num_hidden_layers"] = Need("block_count"),
        ["num_attention_heads"] = heads,
        ["max_position_embeddings"] = Need("context_length"),
        ["vocab_size"] = file.Tensors.TryGetValue("token_embd.weight", out var embedding) ? embedding.Shape[0] : throw file.Bad("has no token_embd.weight"),
        ["tie_word_embeddings"] = !file.Tensors.ContainsKey("output.weight"),
    };

    private Dictionary<string, StoredTensor> Names()
    {
        var named = new Dictionary<string, StoredTensor>();
        foreach (var (stored, tensor) in file.Tensors)
        {
            if (stored == "rope_freqs.weight") throw file.Bad("rope factors (rope_freqs.weight) are not supported in GGUF files; use the safetensors of this model");
            var dot = stored.LastIndexOf('.');
            var (stem, kind) = dot < 0 ? (stored, "") : (stored[..dot], stored[dot..]);
            var layer = "";
            if (stem.StartsWith("blk.", StringComparison.Ordinal))
            {
                var end = stem.IndexOf('.', 4);
                if (end < 0) throw file.Bad($"tensor '{stored}' has no name in its block");
                (layer, stem) = (stem[4..end], stem[(end + 1)..]);
            }

            if (GgufNames.Find(architecture, stem, layer.Length > 0) is not { } name) throw file.Bad($"tensor '{stored}' is not known for {architecture}");
            var full = name.Replace("{N}", layer, StringComparison.Ordinal) + kind;
            named[full] = Arrange(full, stem, tensor);
        }

        return named;
    }

    private StoredTensor Arrange(string name, string stem, StoredTensor tensor)
    {
        var matrix = tensor.Shape.Length == 2;
        var hidden = Need("embedding_length");
        var heads = Need("attention.head_count");
        switch (architecture)
        {
            case "llama" when stem is "attn_q" or "attn_k":
                // Rotary pairs lie side by side in the file, half a head apart in Hugging Face's layout.
                var size = tensor.Shape[0] / (stem == "attn_q" ? heads : Key("attention.head_count_kv") ?? heads);
                var half = size / 2;
                if (half == 0) throw file.Bad($"tensor '{stem}' has {tensor.Shape[0]} rows, too few for its heads");
                return new RowOrder(name, tensor, row => (row / size * size) + (row % half * 2) + (row % size / half));
            case "gpt2" when matrix && stem.Contains('_') && !stem.Contains("embd"):
                return new Transposed(name, tensor);
            case "bloom" when stem == "attn_qkv":
                // q, k and v one after the other in the file, interleaved head by head in Hugging Face's layout.
                var width = hidden / heads;
                return new RowOrder(name, tensor, row => (row / width % 3 * hidden) + (row / (3 * width) * width) + (row % width));
            default:
                return new Renamed(name, tensor);
        }
    }

    private long Need(string key) => Key(key) is { } value and > 0 ? value : throw file.Bad($"'{architecture}.{key}' is missing or not positive");

    private long? Key(string key) => Number($"{architecture}.{key}");

    private long? Number(string key) => file.Metadata.TryGetValue(key, out var value) ? value as long? ?? throw file.Bad($"'{key}' is not a whole number") : null;

    private double? Real(string key) => !file.Metadata.TryGetValue($"{architecture}.{key}", out var value) ? null : value switch
    {
        double number when double.IsFinite(number) => number,
        long number => number,
        _ => throw file.Bad($"'{architecture}.{key}' is not a finite number"),
    };

    private string? Text(string key) => file.Metadata.TryGetValue(key, out var value) ? value as string ?? throw file.Bad($"'{key}' is not a text") : null;

    private object[] Array(string key) => file.Metadata.TryGetValue(key, out var value) ? value as object[] ?? throw file.Bad($"'{key}' is not a list") : [];
}
