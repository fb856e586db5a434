namespace Gateway.Engine.Models.Families;

/// <summary>Gemma 2 and 3: norms on both sides of each part that multiply by 1 + weight, windows in turn with full attention.</summary>
internal static class Gemma
{
    public static DecoderSpec Gemma2(ConfigReader read)
    {
        var rotary = RotaryReader.Read(read, headWhenAbsent: HeadDim);
        return Common(read, "gemma2", (_, _) => rotary, i => i % 2 == 0) with
        {
            ScoreCap = read.OptionalReal("attn_logit_softcapping", 50),
            LogitCap = read.OptionalReal("final_logit_softcapping", 30),
        };
    }

    public static DecoderSpec Gemma3(ConfigReader read)
    {
        // Two bases: the far layers' may be scaled, the near layers' never is. Since transformers 5 each kind of layer has a dictionary of its own.
        var nested = read.Object("rope_parameters") is { } both && (both.ContainsKey(Sliding) || both.ContainsKey(Full));
        var far = nested ? RotaryReader.Read(read, 1_000_000, headWhenAbsent: HeadDim, of: Full) : RotaryReader.Read(read, 1_000_000, headWhenAbsent: HeadDim);
        var near = nested ? RotaryReader.Read(read, 10_000, headWhenAbsent: HeadDim, of: Sliding) : RotaryReader.Plain(read, read.Real("rope_local_base_freq", 10_000), HeadDim);
        read.Must("use_bidirectional_attention", false);
        var every = read.OptionalSize("sliding_window_pattern", "_sliding_window_pattern") ?? 6;
        var spec = Common(read, "gemma3_text", (_, slides) => slides ? near : far, i => (i + 1) % every != 0);
        return LlamaLike.WithHeadNorms(spec) with
        {
            ScoreCap = read.OptionalReal("attn_logit_softcapping", null),
            LogitCap = read.OptionalReal("final_logit_softcapping", null),
        };
    }

    private const string Sliding = "sliding_attention";
    private const int HeadDim = 256; // where the file does not say
    private const string Full = "full_attention";

    private static DecoderSpec Common(ConfigReader read, string family, Func<int, bool, RotarySpec> rotary, Func<int, bool> slides)
    {
        var kinds = read.Texts("layer_types");
        var window = read.Has("sliding_window") ? read.OptionalSize("sliding_window") : 4096;
        read.Ignore("hidden_act", "cache_implementation", "sliding_window_pattern", "_sliding_window_pattern"); // hidden_activation is what counts
        var layers = Enumerable.Range(0, read.Size("num_hidden_layers")).Select(i =>
        {
            var near = kinds is null ? slides(i) : kinds[i] == Sliding;
            return new LayerSpec(rotary(i, near), near ? window : null);
        });
        var spec = LlamaLike.Common(read, family, [.. layers], kvHeads: 4, headDim: HeadDim);
        return spec with
        {
            Activation = read.Activation("hidden_activation", "gelu_pytorch_tanh"),
            ScoreScale = 1 / Math.Sqrt(read.Real("query_pre_attn_scalar", 256)),
            EmbeddingScale = Math.Sqrt(spec.Hidden),
            UnitOffsetNorm = true,
            TiedHead = read.Flag("tie_word_embeddings", true),
            Names = spec.Names with
            {
                AttentionOutputNorm = "layers.{N}.post_attention_layernorm",
                MlpNorm = "layers.{N}.pre_feedforward_layernorm",
                MlpOutputNorm = "layers.{N}.post_feedforward_layernorm",
            },
        };
    }
}
