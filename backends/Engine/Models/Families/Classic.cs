namespace Gateway.Engine.Models.Families;

/// <summary>The families with LayerNorm and biases: GPT-2, BLOOM, GPT-NeoX (Pythia), OPT.</summary>
internal static class Classic
{
    public static DecoderSpec Gpt2(ConfigReader read)
    {
        var (hidden, heads) = (read.Size("n_embd", "hidden_size"), read.Size("n_head", "num_attention_heads"));
        read.Must("scale_attn_weights", true);
        read.Must("scale_attn_by_inverse_layer_idx", false);
        read.Must("add_cross_attention", false);
        read.Ignore("n_ctx", "reorder_and_upcast_attn"); // the latter is about half precision
        var names = new DecoderNames
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
        };
        return WithLayerNorm(read, "gpt2", hidden, heads, read.Size("n_layer", "num_hidden_layers"), read.OptionalSize("n_inner") ?? 4 * hidden, read.Size("n_positions", "max_position_embeddings", "n_ctx"), names) with
        {
            NormEpsilon = read.Real("layer_norm_epsilon", 1e-5),
            Activation = read.Activation("activation_function", "gelu_new"),
            TiedHead = read.Flag("tie_word_embeddings", true),
        };
    }

    public static DecoderSpec Bloom(ConfigReader read)
    {
        var (hidden, heads) = (read.Size("hidden_size", "n_embed"), read.Size("n_head", "num_attention_heads"));
        read.Must("apply_residual_connection_post_layernorm", false);
        // ALiBi has no longest position; its makers trained on 2,048.
        var context = read.OptionalSize("seq_length", "max_position_embeddings") ?? 2048;
        read.Ignore("slow_but_exact", "pretraining_tp", "offset_alibi", "bias_dropout_fusion", "skip_bias_add", "skip_bias_add_qkv", "attention_softmax_in_fp32", "masked_softmax_fusion");
        var names = new DecoderNames
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
        };
        return WithLayerNorm(read, "bloom", hidden, heads, read.Size("n_layer", "num_hidden_layers"), 4 * hidden, context, names) with
        {
            NormEpsilon = read.Real("layer_norm_epsilon", 1e-5),
            Activation = Activation.GeluTanh,
            Position = PositionKind.Alibi,
            TiedHead = read.Flag("tie_word_embeddings", true),
        };
    }

    /// <summary>Attention and feed-forward part side by side over the same input; only a part of each head turns.</summary>
    public static DecoderSpec GptNeoX(ConfigReader read)
    {
        var (hidden, heads, layers) = (read.Size("hidden_size"), read.Size("num_attention_heads"), read.Size("num_hidden_layers"));
        var rotary = RotaryReader.Read(read, partWhenAbsent: 0.25);
        read.Ignore("attention_bias", "tokenizer_class");
        var names = new DecoderNames
        {
            Prefixes = ["gpt_neox.", ""],
            Embedding = "embed_in",
            AttentionNorm = "layers.{N}.input_layernorm",
            Qkv = ["layers.{N}.attention.query_key_value"],
            Fused = FusedLayout.Interleaved,
            Output = "layers.{N}.attention.dense",
            MlpNorm = "layers.{N}.post_attention_layernorm",
            Up = "layers.{N}.mlp.dense_h_to_4h",
            Down = "layers.{N}.mlp.dense_4h_to_h",
            FinalNorm = "final_layer_norm",
            Head = "embed_out",
        };
        return WithLayerNorm(read, "gpt_neox", hidden, heads, layers, read.Size("intermediate_size"), RotaryReader.Context(read), names) with
        {
            NormEpsilon = read.Real("layer_norm_eps", 1e-5),
            Activation = read.Activation("hidden_act", "gelu"),
            Position = PositionKind.Rotary,
            LayerSpecs = [.. Enumerable.Repeat(new LayerSpec(rotary), layers)],
            Residual = read.Flag("use_parallel_residual", true) ? ResidualKind.Parallel : ResidualKind.NormBefore,
            TiedHead = read.Flag("tie_word_embeddings", false),
        };
    }

    /// <summary>Positions begin at row 2; the 350m size has its norms after each part and an embedding of its own width.</summary>
    public static DecoderSpec Opt(ConfigReader read)
    {
        var (hidden, heads) = (read.Size("hidden_size"), read.Size("num_attention_heads"));
        var before = read.Flag("do_layer_norm_before", true);
        var width = read.OptionalSize("word_embed_proj_dim") ?? hidden;
        read.Must("enable_bias", true);
        read.Must("layer_norm_elementwise_affine", true);
        read.Ignore("prefix");
        var names = new DecoderNames
        {
            Prefixes = ["model.decoder.", "decoder."],
            Embedding = "embed_tokens",
            Positions = "embed_positions",
            ProjectIn = width == hidden ? null : "project_in",
            ProjectOut = width == hidden ? null : "project_out",
            AttentionNorm = "layers.{N}.self_attn_layer_norm",
            Qkv = ["layers.{N}.self_attn.q_proj", "layers.{N}.self_attn.k_proj", "layers.{N}.self_attn.v_proj"],
            Output = "layers.{N}.self_attn.out_proj",
            MlpNorm = "layers.{N}.final_layer_norm",
            Up = "layers.{N}.fc1",
            Down = "layers.{N}.fc2",
            FinalNorm = before && !read.Flag("_remove_final_layer_norm", false) ? "final_layer_norm" : null,
        };
        return WithLayerNorm(read, "opt", hidden, heads, read.Size("num_hidden_layers"), read.Size("ffn_dim"), read.Size("max_position_embeddings"), names) with
        {
            Activation = read.Activation("activation_function", "relu"),
            PositionOffset = 2,
            EmbeddingWidth = width == hidden ? null : width,
            Residual = before ? ResidualKind.NormBefore : ResidualKind.NormAfter,
            TiedHead = read.Flag("tie_word_embeddings", true),
        };
    }

    /// <summary>What they share; what else a family has follows by <c>with</c>.</summary>
    private static DecoderSpec WithLayerNorm(ConfigReader read, string family, int hidden, int heads, int layers, int intermediate, int context, DecoderNames names)
    {
        var size = read.Divide(hidden, heads);
        return new DecoderSpec
        {
            Architecture = family,
            Layers = layers,
            Hidden = hidden,
            Intermediate = intermediate,
            Heads = heads,
            KvHeads = heads,
            HeadDim = size,
            Vocabulary = read.Size("vocab_size"),
            ContextLength = context,
            Norm = NormKind.LayerNorm,
            NormEpsilon = 1e-5,
            Activation = Activation.Gelu,
            Position = PositionKind.Learned,
            LayerSpecs = [.. Enumerable.Repeat(new LayerSpec(), layers)],
            ScoreScale = 1 / Math.Sqrt(size),
            Names = names,
        };
    }
}
