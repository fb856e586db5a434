using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>The families: configuration keys, what their absence means, and names of weights (transformers' defaults).</summary>
internal static class EncoderFamilies
{
    public static readonly Dictionary<string, Func<ConfigReader, JsonObject, EncoderSpec>> All = new()
    {
        ["bert"] = (read, _) => Bert(read, "bert.", offset: 0),
        ["roberta"] = Roberta,
        ["xlm-roberta"] = Roberta,
        ["camembert"] = Roberta,
        ["distilbert"] = DistilBert,
        ["modernbert"] = ModernBert,
        ["mpnet"] = Mpnet,
    };

    // Positions count from one past the padding id (fairseq's make_positions).
    private static EncoderSpec Roberta(ConfigReader read, JsonObject config)
    {
        var padding = config["pad_token_id"] is JsonValue value && value.TryGetValue(out int id) && id >= 0 ? id : 1;
        return Bert(read, "roberta.", padding + 1);
    }

    private static EncoderSpec Bert(ConfigReader read, string prefix, int offset)
    {
        read.Must("is_decoder", false);
        read.Must("add_cross_attention", false);
        if (read.Text("position_embedding_type") is { } positions and not "absolute") throw read.Bad($"'position_embedding_type': '{positions}' is not supported");
        return new EncoderSpec
        {
            Architecture = read.Text("model_type")!,
            Layers = read.Size("num_hidden_layers"),
            Hidden = read.Size("hidden_size"),
            Intermediate = read.Size("intermediate_size"),
            Heads = read.Size("num_attention_heads"),
            Vocabulary = read.Size("vocab_size"),
            ContextLength = read.Size("max_position_embeddings") - offset,
            FirstPosition = offset,
            TokenTypes = read.OptionalSize("type_vocab_size") ?? 2,
            NormEpsilon = read.Real("layer_norm_eps", 1e-12),
            Activation = read.Activation("hidden_act", "gelu"),
            Names = new EncoderNames
            {
                Prefixes = ["", prefix],
                Embedding = "embeddings.word_embeddings",
                Positions = "embeddings.position_embeddings",
                TokenTypes = "embeddings.token_type_embeddings",
                EmbeddingNorm = "embeddings.LayerNorm",
                Qkv = ["encoder.layer.{N}.attention.self.query", "encoder.layer.{N}.attention.self.key", "encoder.layer.{N}.attention.self.value"],
                Output = "encoder.layer.{N}.attention.output.dense",
                AttentionNorm = "encoder.layer.{N}.attention.output.LayerNorm",
                Up = "encoder.layer.{N}.intermediate.dense",
                Down = "encoder.layer.{N}.output.dense",
                MlpNorm = "encoder.layer.{N}.output.LayerNorm",
                Besides = ["embeddings.position_ids", "pooler.", "classifier.", "cls.", "lm_head."],
            },
        };
    }

    private static EncoderSpec DistilBert(ConfigReader read, JsonObject _) => new()
    {
        Architecture = read.Text("model_type")!,
        Layers = read.Size("n_layers", "num_hidden_layers"),
        Hidden = read.Size("dim", "hidden_size"),
        Intermediate = read.Size("hidden_dim", "intermediate_size"),
        Heads = read.Size("n_heads", "num_attention_heads"),
        Vocabulary = read.Size("vocab_size"),
        ContextLength = read.Size("max_position_embeddings"),
        NormEpsilon = 1e-12,
        Activation = read.Activation("activation", "gelu"),
        Names = new EncoderNames
        {
            Prefixes = ["", "distilbert."],
            Embedding = "embeddings.word_embeddings",
            Positions = "embeddings.position_embeddings",
            EmbeddingNorm = "embeddings.LayerNorm",
            Qkv = ["transformer.layer.{N}.attention.q_lin", "transformer.layer.{N}.attention.k_lin", "transformer.layer.{N}.attention.v_lin"],
            Output = "transformer.layer.{N}.attention.out_lin",
            AttentionNorm = "transformer.layer.{N}.sa_layer_norm",
            Up = "transformer.layer.{N}.ffn.lin1",
            Down = "transformer.layer.{N}.ffn.lin2",
            MlpNorm = "transformer.layer.{N}.output_layer_norm",
            Besides = ["embeddings.position_ids", "pre_classifier.", "classifier.", "vocab_transform.", "vocab_layer_norm.", "vocab_projector."],
        },
    };

    private static EncoderSpec Mpnet(ConfigReader read, JsonObject _)
    {
        const int offset = 2; // one past the padding id, which this family fixes at 1
        return new EncoderSpec
        {
            Architecture = read.Text("model_type")!,
            Layers = read.Size("num_hidden_layers"),
            Hidden = read.Size("hidden_size"),
            Intermediate = read.Size("intermediate_size"),
            Heads = read.Size("num_attention_heads"),
            Vocabulary = read.Size("vocab_size"),
            ContextLength = read.Size("max_position_embeddings") - offset,
            FirstPosition = offset,
            NormEpsilon = read.Real("layer_norm_eps", 1e-12),
            Activation = read.Activation("hidden_act", "gelu"),
            DistanceBuckets = read.OptionalSize("relative_attention_num_buckets") ?? 32,
            Names = new EncoderNames
            {
                Prefixes = ["", "mpnet."],
                Embedding = "embeddings.word_embeddings",
                Positions = "embeddings.position_embeddings",
                EmbeddingNorm = "embeddings.LayerNorm",
                Distances = "encoder.relative_attention_bias",
                Qkv = ["encoder.layer.{N}.attention.attn.q", "encoder.layer.{N}.attention.attn.k", "encoder.layer.{N}.attention.attn.v"],
                Output = "encoder.layer.{N}.attention.attn.o",
                AttentionNorm = "encoder.layer.{N}.attention.LayerNorm",
                Up = "encoder.layer.{N}.intermediate.dense",
                Down = "encoder.layer.{N}.output.dense",
                MlpNorm = "encoder.layer.{N}.output.LayerNorm",
                Besides = ["embeddings.position_ids", "pooler.", "classifier.", "lm_head."],
            },
        };
    }

    private static EncoderSpec ModernBert(ConfigReader read, JsonObject config)
    {
        var layers = read.Size("num_hidden_layers");
        return new EncoderSpec
        {
            Architecture = read.Text("model_type")!,
            Layers = layers,
            Hidden = read.Size("hidden_size"),
            Intermediate = read.Size("intermediate_size"),
            Heads = read.Size("num_attention_heads"),
            Vocabulary = read.Size("vocab_size"),
            ContextLength = read.Size("max_position_embeddings"),
            NormFirst = true,
            NormEpsilon = read.Real("norm_eps", 1e-5),
            Activation = read.Activation("hidden_activation", "gelu"),
            Gated = true,
            LayerKinds = ModernBertLayers(read, config, layers),
            Names = new EncoderNames
            {
                Prefixes = ["", "model."],
                Embedding = "embeddings.tok_embeddings",
                EmbeddingNorm = "embeddings.norm",
                Qkv = ["layers.{N}.attn.Wqkv"],
                Output = "layers.{N}.attn.Wo",
                AttentionNorm = "layers.{N}.attn_norm",
                FirstLayerWithoutAttentionNorm = true,
                Up = "layers.{N}.mlp.Wi",
                Down = "layers.{N}.mlp.Wo",
                MlpNorm = "layers.{N}.mlp_norm",
                FinalNorm = "final_norm",
                Besides = ["head.", "classifier.", "decoder."],
            },
        };
    }

    /// <summary>Since transformers 5 the layers' kinds and their bases stand in dictionaries; before, an interval and two numbers did.</summary>
    private static List<EncoderLayerSpec> ModernBertLayers(ConfigReader read, JsonObject config, int layers)
    {
        var every = read.OptionalSize("global_attn_every_n_layers") ?? 3;
        var sight = (read.OptionalSize("local_attention") ?? 128) / 2;
        var kinds = config["layer_types"] as JsonArray;
        if (kinds is not null && kinds.Count != layers) throw read.Bad($"'layer_types' has {kinds.Count} entries for {layers} layers");
        double Base(string kind, string name, double absent)
        {
            if ((config["rope_parameters"] as JsonObject)?[kind] is not JsonObject own) return read.Real(name, absent);
            if ((own["rope_type"]?.ToString() ?? "default") is var type and not "default") throw read.Bad($"the rope type '{type}' is not supported for this family");
            return own["rope_theta"] is JsonValue value && value.TryGetValue(out double theta) && theta > 0 ? theta : throw read.Bad($"'rope_parameters.{kind}' has no 'rope_theta'");
        }

        var wide = new EncoderLayerSpec(Base("full_attention", "global_rope_theta", 160_000), null);
        var narrow = new EncoderLayerSpec(Base("sliding_attention", "local_rope_theta", 10_000), sight);
        return [.. Enumerable.Range(0, layers).Select(n => kinds is null ? n % every == 0 ? wide : narrow : kinds[n]?.ToString() switch
        {
            "full_attention" => wide,
            "sliding_attention" => narrow,
            var other => throw read.Bad($"the layer type '{other}' is not supported"),
        })];
    }
}
