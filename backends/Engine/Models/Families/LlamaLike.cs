namespace Gateway.Engine.Models.Families;

/// <summary>
/// LLaMA and the families that are LLaMA but for a few keys: what each key means, and what its absence means (transformers' defaults, which
/// differ between families).
/// </summary>
internal static class LlamaLike
{
    public static DecoderSpec Llama(ConfigReader read)
    {
        read.Must("rope_interleaved", false); // written by early SmolLM checkpoints
        return Common(read, "llama", Layers(read, RotaryReader.Read(read)));
    }

    /// <summary>LLaMA without rotation in every fourth layer (NoPE).</summary>
    public static DecoderSpec SmolLm3(ConfigReader read)
    {
        var rotary = RotaryReader.Read(read, baseWhenAbsent: 2_000_000);
        var turned = read.Numbers("no_rope_layers"); // 1 means with rotation, against the name
        var interval = read.OptionalSize("no_rope_layer_interval") ?? 4;
        var window = read.Flag("use_sliding_window", false) ? read.OptionalSize("sliding_window") : null;
        var kinds = read.Texts("layer_types");
        var layers = Enumerable.Range(0, read.Size("num_hidden_layers")).Select(i => new LayerSpec(
            (turned is null ? (i + 1) % interval != 0 : turned[i] != 0) ? rotary : null,
            window is not null && (kinds is null || kinds[i] == Sliding) ? window : null));
        return Common(read, "smollm3", [.. layers], kvHeads: 4);
    }

    public static DecoderSpec Mistral(ConfigReader read)
    {
        var window = read.Has("sliding_window") ? read.OptionalSize("sliding_window") : 4096;
        return Common(read, "mistral", Layers(read, RotaryReader.Read(read), window), kvHeads: 8);
    }

    public static DecoderSpec Mixtral(ConfigReader read)
    {
        var window = read.OptionalSize("sliding_window");
        var spec = Common(read, "mixtral", Layers(read, RotaryReader.Read(read, baseWhenAbsent: 1_000_000), window, experts: true), kvHeads: 8, epsilon: 1e-5);
        return spec with
        {
            Experts = Choice(read, new ExpertSpec(read.OptionalSize("num_local_experts", "num_experts") ?? 8, read.OptionalSize("num_experts_per_tok") ?? 2, spec.Intermediate, ExpertWeighting.OverChosen)),
            Names = spec.Names with
            {
                Router = "layers.{N}.block_sparse_moe.gate",
                ExpertGate = "layers.{N}.block_sparse_moe.experts.{E}.w1",
                ExpertUp = "layers.{N}.block_sparse_moe.experts.{E}.w3",
                ExpertDown = "layers.{N}.block_sparse_moe.experts.{E}.w2",
            },
        };
    }

    public static DecoderSpec Qwen2(ConfigReader read) => Common(read, "qwen2", QwenLayers(read), kvHeads: 32);

    public static DecoderSpec Qwen3(ConfigReader read) => WithHeadNorms(Common(read, "qwen3", QwenLayers(read, 128), kvHeads: 32, headDim: 128));

    public static DecoderSpec Qwen3Moe(ConfigReader read)
    {
        var dense = read.Numbers("mlp_only_layers") ?? [];
        var step = read.OptionalSize("decoder_sparse_step") ?? 1;
        var window = read.Flag("use_sliding_window", false) ? read.OptionalSize("sliding_window") : null;
        read.Ignore("max_window_layers"); // every layer has the window, or none
        var layers = Layers(read, RotaryReader.Read(read), window).Select((layer, i) => layer with { Experts = !dense.Contains(i) && (i + 1) % step == 0 });
        var spec = WithHeadNorms(Common(read, "qwen3_moe", [.. layers], kvHeads: 4));
        var weighting = read.Flag("norm_topk_prob", false) ? ExpertWeighting.OverChosen : ExpertWeighting.OverAll;
        return spec with
        {
            Experts = Choice(read, new ExpertSpec(read.OptionalSize("num_experts", "num_local_experts") ?? 128, read.OptionalSize("num_experts_per_tok") ?? 8, read.OptionalSize("moe_intermediate_size") ?? 768, weighting)),
            Names = spec.Names with
            {
                Router = "layers.{N}.mlp.gate",
                ExpertGate = "layers.{N}.mlp.experts.{E}.gate_proj",
                ExpertUp = "layers.{N}.mlp.experts.{E}.up_proj",
                ExpertDown = "layers.{N}.mlp.experts.{E}.down_proj",
            },
        };
    }

    /// <summary>Queries, keys and values in one matrix, gate and up in another.</summary>
    public static DecoderSpec Phi3(ConfigReader read)
    {
        var spec = Common(read, "phi3", Layers(read, RotaryReader.Read(read, originalWhenAbsent: 4096), read.OptionalSize("sliding_window")), epsilon: 1e-5);
        return spec with
        {
            Names = spec.Names with { Qkv = ["layers.{N}.self_attn.qkv_proj"], Gate = null, Up = "layers.{N}.mlp.gate_up_proj" },
        };
    }

    /// <summary>Attention sinks, and experts stored together with gate and up in turn.</summary>
    public static DecoderSpec GptOss(ConfigReader read)
    {
        var rotary = RotaryReader.Read(read, baseWhenAbsent: 150_000, headWhenAbsent: 64);
        var window = read.Has("sliding_window") ? read.OptionalSize("sliding_window") : 128;
        read.Ignore("initial_context_length", "experts_per_token"); // said again by other keys
        if (read.Real("swiglu_alpha", 1.702) != 1.702) throw read.Bad("a 'swiglu_alpha' other than 1.702 is not supported");
        var kinds = read.Texts("layer_types");
        var layers = Enumerable.Range(0, read.Size("num_hidden_layers"))
            .Select(i => new LayerSpec(rotary, (kinds is null ? i % 2 == 0 : kinds[i] == Sliding) ? window : null, Experts: true));
        var spec = Common(read, "gpt_oss", [.. layers], kvHeads: 8, headDim: 64, epsilon: 1e-5);
        return spec with
        {
            Experts = Choice(read, new ExpertSpec(read.OptionalSize("num_local_experts") ?? 128, read.OptionalSize("num_experts_per_tok") ?? 4, spec.Intermediate, ExpertWeighting.OverChosen) { ClampedAt = read.Real("swiglu_limit", 7) }),
            Names = spec.Names with
            {
                Sinks = "layers.{N}.self_attn.sinks",
                Router = "layers.{N}.mlp.router",
                ExpertsTogether = "layers.{N}.mlp.experts",
            },
        };
    }

    private const string Sliding = "sliding_attention";

    public static DecoderSpec Common(ConfigReader read, string family, IReadOnlyList<LayerSpec> layers, int? kvHeads = null, int? headDim = null, double epsilon = 1e-6)
    {
        var (hidden, heads) = (read.Size("hidden_size"), read.Size("num_attention_heads"));
        read.Ignore("attention_bias", "mlp_bias", "layer_types"); // a bias is used where a weight has one
        var size = HeadDim(read, headDim);
        return new DecoderSpec
        {
            Architecture = family,
            Layers = read.Size("num_hidden_layers"),
            Hidden = hidden,
            Intermediate = read.Size("intermediate_size"),
            Heads = heads,
            KvHeads = read.OptionalSize("num_key_value_heads") ?? (read.Has("num_key_value_heads") ? heads : kvHeads ?? heads),
            HeadDim = size,
            Vocabulary = read.Size("vocab_size"),
            ContextLength = RotaryReader.Context(read),
            Norm = NormKind.RmsNorm,
            NormEpsilon = read.Real("rms_norm_eps", epsilon),
            Activation = read.Activation("hidden_act", "silu"),
            Position = PositionKind.Rotary,
            LayerSpecs = layers,
            ScoreScale = 1 / Math.Sqrt(size),
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

    public static DecoderSpec WithHeadNorms(DecoderSpec spec) => spec with
    {
        Names = spec.Names with { QueryNorm = "layers.{N}.self_attn.q_norm", KeyNorm = "layers.{N}.self_attn.k_norm" },
    };

    /// <summary>An explicit size; else the family's; else the hidden size shared out.</summary>
    public static int HeadDim(ConfigReader read, int? absent) =>
        read.OptionalSize("head_dim") ?? (read.Has("head_dim") ? null : absent) ?? read.Divide(read.Size("hidden_size"), read.Size("num_attention_heads"));

    private static LayerSpec[] Layers(ConfigReader read, RotarySpec rotary, int? window = null, bool experts = false) =>
        [.. Enumerable.Repeat(new LayerSpec(rotary, window, experts), read.Size("num_hidden_layers"))];

    /// <summary>The window counts only where it is switched on, and only from a certain layer.</summary>
    private static LayerSpec[] QwenLayers(ConfigReader read, int? headDim = null)
    {
        var rotary = RotaryReader.Read(read, headWhenAbsent: headDim);
        var window = read.OptionalSize("sliding_window");
        if (!read.Flag("use_sliding_window", false)) window = null;
        var from = read.OptionalSize("max_window_layers") ?? 28;
        var kinds = read.Texts("layer_types");
        return [.. Enumerable.Range(0, read.Size("num_hidden_layers")).Select(i => new LayerSpec(rotary, (kinds is null ? i >= from : kinds[i] == Sliding) ? window : null))];
    }

    private static ExpertSpec Choice(ConfigReader read, ExpertSpec experts) =>
        experts.PerToken <= experts.Count ? experts : throw read.Bad($"{experts.PerToken} of {experts.Count} experts cannot be chosen");
}
