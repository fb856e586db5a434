using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Models.Gguf;

/// <summary>A GGUF file read as a Hugging Face folder: configuration, names and layouts.</summary>
internal sealed class GgufModel
{
    private static readonly string[] EndNames = ["eos", "eot", "eom"];
    private static readonly (string, string)[] TokenNames = [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")];
    private readonly GgufFile file;
    private readonly GgufKeys keys;
    private readonly GgufArchitecture architecture;

    public GgufModel(GgufFile file)
    {
        this.file = file;
        keys = new GgufKeys(file, new GgufKeys(file, "").Text("general.architecture") ?? throw file.Bad("does not say its architecture"));
        architecture = GgufArchitecture.Known.GetValueOrDefault(keys.Architecture)
            ?? throw file.Bad($"the architecture '{keys.Architecture}' is not supported in GGUF files; known are {string.Join(", ", GgufArchitecture.Known.Keys.Order(StringComparer.Ordinal))}");
        var config = Common();
        architecture.Describe(keys, config);
        // Through text, so that its numbers are read like those of a config.json: a node made from a long refuses to be an int.
        Config = (JsonObject)JsonNode.Parse(config.ToJsonString())!;
        Tensors = new GgufTensors(file, Names());
    }

    public JsonObject Config { get; }

    public TensorSource Tensors { get; }

    public string? ChatTemplate => keys.Text("tokenizer.chat_template");

    /// <summary>The end of a text, of a turn and of a message, as far as the file names them.</summary>
    public ImmutableArray<int> EndTokens =>
        [.. EndNames.Select(name => keys.Number($"tokenizer.ggml.{name}_token_id")).OfType<long>().Where(id => id is >= 0 and <= int.MaxValue).Select(id => (int)id).Distinct()];

    public IReadOnlyDictionary<string, string> SpecialTokens
    {
        get
        {
            var tokens = keys.Array("tokenizer.ggml.tokens");
            return TokenNames
                .Select(pair => (pair.Item1, Id: keys.Number($"tokenizer.ggml.{pair.Item2}_token_id")))
                .Where(pair => pair.Id is >= 0 && pair.Id < tokens.Length).ToDictionary(pair => pair.Item1, pair => tokens[pair.Id!.Value] as string ?? throw file.Bad("a token is not a text"));
        }
    }

    public byte[] TokenizerJson() => new GgufTokenizer(file).ToJson();

    private JsonObject Common() => new()
    {
        ["model_type"] = architecture.ModelType(keys),
        ["num_attention_heads"] = keys.Need("attention.head_count"),
        ["hidden_size"] = keys.Need("embedding_length"),
        ["num_hidden_layers"] = keys.Need("block_count"),
        ["max_position_embeddings"] = keys.Need("context_length"),
        ["vocab_size"] = file.Tensors.TryGetValue("token_embd.weight", out var embedding) ? embedding.Shape[0] : throw file.Bad("has no token_embd.weight"),
        ["tie_word_embeddings"] = !file.Tensors.ContainsKey("output.weight"),
    };

    private Dictionary<string, StoredTensor> Names()
    {
        var named = new Dictionary<string, StoredTensor>();
        foreach (var (stored, tensor) in file.Tensors)
        {
            if (stored.StartsWith("rope_f", StringComparison.Ordinal)) continue; // rope_freqs, rope_factors_…: they are in the configuration
            var dot = stored.LastIndexOf('.');
            var (stem, kind) = dot < 0 ? (stored, "") : (stored[..dot], stored[dot..]);
            var layer = "";
            if (stem.StartsWith("blk.", StringComparison.Ordinal))
            {
                var end = stem.IndexOf('.', 4);
                if (end < 0) throw file.Bad($"tensor '{stored}' has no name in its block");
                (layer, stem) = (stem[4..end], stem[(end + 1)..]);
            }

            if (architecture.Names.GetValueOrDefault(layer.Length > 0 ? "blk." + stem : stem) is not { } name) throw file.Bad($"tensor '{stored}' is not known for {keys.Architecture}");
            var full = name.Replace("{N}", layer, StringComparison.Ordinal) + kind;
            if (full.Contains("{E}", StringComparison.Ordinal)) AddExperts(named, full, tensor);
            else named[full] = Arrange(full, stem, tensor);
        }

        return named;
    }

    /// <summary>A stack of experts' matrices, [experts, out, in], taken apart.</summary>
    private void AddExperts(Dictionary<string, StoredTensor> named, string name, StoredTensor stack)
    {
        if (stack.Shape.Length != 3 || stack.Shape[0] != keys.Need("expert_count")) throw file.Bad($"tensor '{stack.Name}' is no stack of {keys.Need("expert_count")} experts");
        for (var e = 0; e < stack.Shape[0]; e++)
        {
            var own = name.Replace("{E}", e.ToString(), StringComparison.Ordinal);
            named[own] = new OneOfStack(own, stack, e);
        }
    }

    private StoredTensor Arrange(string name, string stem, StoredTensor tensor)
    {
        var heads = keys.Need("attention.head_count");
        if (architecture.PairsSideBySide && stem is "attn_q" or "attn_k")
        {
            var size = tensor.Shape[0] / (stem == "attn_q" ? heads : keys.Key("attention.head_count_kv") ?? heads);
            var half = size / 2;
            if (half == 0) throw file.Bad($"tensor '{stem}' has {tensor.Shape[0]} rows, too few for its heads");
            return new RowOrder(name, tensor, row => (row / size * size) + (row % half * 2) + (row % size / half));
        }

        if (architecture.QkvApart && stem == "attn_qkv")
        {
            var hidden = keys.Need("embedding_length");
            var width = hidden / heads;
            return new RowOrder(name, tensor, row => (row / width % 3 * hidden) + (row / (3 * width) * width) + (row % width));
        }

        if (architecture.Transposed && tensor.Shape.Length == 2 && stem.Contains('_') && !stem.Contains("embd")) return new Transposed(name, tensor);
        if (architecture.NormsPlusOne && stem.EndsWith("norm", StringComparison.Ordinal)) return new LessOne(name, tensor);
        return new Renamed(name, tensor);
    }
}
