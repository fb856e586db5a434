namespace Gateway.Engine.Models;

/// <summary>The families: configuration keys, what their absence means, and names of weights (transformers' defaults).</summary>
internal static class DecoderFamilies
{
    public static readonly Dictionary<string, Func<ConfigReader, DecoderSpec>> All = new()
    {
        ["gpt2"] = Gpt2,
        ["llama"] = Llama,
        ["bloom"] = Bloom,
    };

    private static DecoderSpec Gpt2(ConfigReader read)
    {
        var (hidden, heads) = (read.Size("n_embd", "hidden_size"), read.Size("n_head", "num_attention_heads"));
        read.Must("scale_attn_weights", true);
        read.Must("scale_attn_by_inverse_layer_idx", false);
        read.Must("add_cross_attention", false);
        return new DecoderSpec
        {
            Architecture = "gpt2",
            Layers = read.Size("n_layer", "num_hidden_layers"),
            Hidden = hidden,
            Intermediate = read.OptionalSize("n_inner") ?? 4 * hidden,
            Heads = heads,
            KvHeads = heads,
            HeadDim = Divide(read, hidden, heads),
            Vocabulary = read.Size("vocab_size"),
            ContextLength = read.Size("n_positions", "max_position_embeddings", "n_ctx"),
            Norm = NormKind.LayerNorm,
            NormEpsilon = read.Real("layer_norm_epsilon", 1e-5),
            Activation = read.Activation("activation_function", "gelu_new"),
            Position = PositionKind.Learned,
            TiedHead = read.Flag("tie_word_embeddings", true),
            Names = new DecoderNames
            {
                Prefixes = ["", "transformer."],
                Embedding = "wte",
                Positions = "wpe",
                AttentionNorm = "h.{N}.ln_1",
                Qkv = ["h.{N}.attn.c_attn"],
                Output = "h.{N}.attn.c_proj",
                MlpNorm = "h.{N}.ln_2",
                Up = "h.{N}.mlp.c_fc",
                Down = "h.{N}.mlp.c_proj",
                FinalNorm = "ln_f",
                Transposed = true,
            },
        };
    }

    private static DecoderSpec Llama(ConfigReader read)
    {
        var (hidden, heads) = (read.Size("hidden_size"), read.Size("num_attention_heads"));
        var headDim = read.OptionalSize("head_dim") ?? Divide(read, hidden, heads);
        var context = read.Size("max_position_embeddings");
        return new DecoderSpec
        {
            Architecture = "llama",
            Layers = read.Size("num_hidden_layers"),
            Hidden = hidden,
            Intermediate = read.Size("intermediate_size"),
            Heads = heads,
            KvHeads = read.OptionalSize("num_key_value_heads") ?? heads,
            HeadDim = headDim,
            Vocabulary = read.Size("vocab_size"),
            ContextLength = context,
            Norm = NormKind.RmsNorm,
            NormEpsilon = read.Real("rms_norm_eps", 1e-6),
            Activation = read.Activation("hidden_act", "silu"),
            Position = PositionKind.Rotary,
            Rotary = RotarySpec.From(read, headDim, context),
            Gated = true,
            TiedHead = read.Flag("tie_word_embeddings", false),
            Names = new DecoderNames
            {
                Prefixes = ["model.", ""],
                Embedding = "embed_tokens",
                AttentionNorm = "layers.{N}.input_layernorm",
                Qkv = ["layers.{N}.self_attn.q_proj", "layers.{N}.self_attn.k_proj", "layers.{N}.self_attn.v_proj"],
                Output = "layers.{N}.self_attn.o_proj",
                MlpNorm = "layers.{N}.post_attention_layernorm",
                Gate = "layers.{N}.mlp.gate_proj",
                Up = "layers.{N}.mlp.up_proj",
                Down = "layers.{N}.mlp.down_proj",
                FinalNorm = "norm",
            },
        };
    }

    private static DecoderSpec Bloom(ConfigReader read)
    {
        var (hidden, heads) = (read.Size("hidden_size", "n_embed"), read.Size("n_head", "num_attention_heads"));
        read.Must("apply_residual_connection_post_layernorm", false);
        return new DecoderSpec
        {
            Architecture = "bloom",
            Layers = read.Size("n_layer", "num_hidden_layers"),
            Hidden = hidden,
            Intermediate = 4 * hidden,
            Heads = heads,
            KvHeads = heads,
            HeadDim = Divide(read, hidden, heads),
            Vocabulary = read.Size("vocab_size"),
            // ALiBi has no longest position; its makers trained on 2,048.
            ContextLength = read.OptionalSize("seq_length", "max_position_embeddings") ?? 2048,
            Norm = NormKind.LayerNorm,
            NormEpsilon = read.Real("layer_norm_epsilon", 1e-5),
            Activation = Activation.GeluTanh,
            Position = PositionKind.Alibi,
            EmbeddingNorm = true,
            TiedHead = read.Flag("tie_word_embeddings", true),
            Names = new DecoderNames
            {
                Prefixes = ["transformer.", ""],
                Embedding = "word_embeddings",
                EmbeddingNorm = "word_embeddings_layernorm",
                AttentionNorm = "h.{N}.input_layernorm",
                Qkv = ["h.{N}.self_attention.query_key_value"],
                Fused = FusedLayout.Interleaved,
                Output = "h.{N}.self_attention.dense",
                MlpNorm = "h.{N}.post_attention_layernorm",
                Up = "h.{N}.mlp.dense_h_to_4h",
                Down = "h.{N}.mlp.dense_4h_to_h",
                FinalNorm = "ln_f",
            },
        };
    }

    private static int Divide(ConfigReader read, int hidden, int heads) =>
        hidden % heads == 0 ? hidden / heads : throw read.Bad($"a hidden size of {hidden} cannot be divided among {heads} heads");
}
