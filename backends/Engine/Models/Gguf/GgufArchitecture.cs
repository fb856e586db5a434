using System.Text.Json.Nodes;

namespace Gateway.Engine.Models.Gguf;

/// <summary>What llama.cpp's converter does to a family: names, orders of rows, and the keys that say what <c>config.json</c> said.</summary>
internal sealed record GgufArchitecture
{
    /// <summary>The family as Hugging Face calls it.</summary>
    public required Func<GgufKeys, string> ModelType { get; init; }

    /// <summary>GGUF's names of weights and Hugging Face's; <c>{N}</c> stands for the layer.</summary>
    public required IReadOnlyDictionary<string, string> Names { get; init; }

    /// <summary>Adds the family's own keys to the configuration.</summary>
    public required Action<GgufKeys, JsonObject> Describe { get; init; }

    /// <summary>Whether rotary pairs of queries and keys lie side by side in the file, half a head apart in Hugging Face's layout.</summary>
    public bool PairsSideBySide { get; init; }

    /// <summary>Whether norms are stored as 1 + weight.</summary>
    public bool NormsPlusOne { get; init; }

    /// <summary>Whether queries, keys and values lie one after the other in the file, head by head in Hugging Face's layout.</summary>
    public bool QkvApart { get; init; }

    /// <summary>Whether Hugging Face's matrices are [in, out].</summary>
    public bool Transposed { get; init; }

    public static IReadOnlyDictionary<string, GgufArchitecture> Known { get; } = new Dictionary<string, GgufArchitecture>
    {
        ["gpt2"] = new()
        {
            ModelType = _ => "gpt2",
            Names = GgufNames.Gpt2,
            Transposed = true,
            Describe = (keys, config) =>
            {
                config["n_inner"] = keys.Key("feed_forward_length");
                config["layer_norm_epsilon"] = keys.Real("attention.layer_norm_epsilon") ?? 1e-5;
            },
        },
        ["bloom"] = new()
        {
            ModelType = _ => "bloom",
            Names = GgufNames.Bloom,
            QkvApart = true,
            Describe = (keys, config) =>
            {
                config["layer_norm_epsilon"] = keys.Real("attention.layer_norm_epsilon") ?? 1e-5;
                (config["n_head"], config["n_layer"]) = (keys.Need("attention.head_count"), keys.Need("block_count"));
            },
        },
        ["gptneox"] = new()
        {
            ModelType = _ => "gpt_neox",
            Names = GgufNames.GptNeoX,
            QkvApart = true,
            Describe = (keys, config) =>
            {
                config["intermediate_size"] = keys.Need("feed_forward_length");
                config["layer_norm_eps"] = keys.Real("attention.layer_norm_epsilon") ?? 1e-5;
                config["rotary_emb_base"] = keys.Real("rope.freq_base") ?? 10_000;
                var head = keys.Need("embedding_length") / keys.Need("attention.head_count");
                config["rotary_pct"] = (double)(keys.Key("rope.dimension_count") ?? head) / head;
                config["use_parallel_residual"] = keys.Flag("use_parallel_residual", true);
            },
        },
        ["llama"] = new()
        {
            ModelType = keys => keys.Key("expert_count") is > 0 ? "mixtral" : "llama",
            Names = GgufNames.Llama,
            PairsSideBySide = true,
            Describe = (keys, config) =>
            {
                LlamaLike(keys, config);
                if (keys.Key("expert_count") is > 0 and var experts) (config["num_local_experts"], config["num_experts_per_tok"]) = (experts, keys.Need("expert_used_count"));
            },
        },
        ["smollm3"] = new() { ModelType = _ => "smollm3", Names = GgufNames.Llama, PairsSideBySide = true, Describe = LlamaLike },
        ["qwen2"] = new() { ModelType = _ => "qwen2", Names = GgufNames.Llama, Describe = LlamaLike },
        ["qwen3"] = new() { ModelType = _ => "qwen3", Names = GgufNames.Qwen3, Describe = LlamaLike },
        ["qwen3moe"] = new()
        {
            ModelType = _ => "qwen3_moe",
            Names = GgufNames.Qwen3Moe,
            Describe = (keys, config) =>
            {
                LlamaLike(keys, config);
                (config["num_experts"], config["num_experts_per_tok"]) = (keys.Need("expert_count"), keys.Need("expert_used_count"));
                config["moe_intermediate_size"] = keys.Need("expert_feed_forward_length");
                config["norm_topk_prob"] = true; // as llama.cpp computes it
            },
        },
        ["phi3"] = new()
        {
            ModelType = _ => "phi3",
            Names = GgufNames.Phi3,
            Describe = (keys, config) =>
            {
                LlamaLike(keys, config);
                if (keys.Key("attention.sliding_window") is > 0 and var window) config["sliding_window"] = window;
                if (keys.Factors("rope_factors_short.weight") is not { } near || keys.Factors("rope_factors_long.weight") is not { } far) return;
                config["original_max_position_embeddings"] = keys.Need("rope.scaling.original_context_length");
                var scaling = new JsonObject { ["rope_type"] = "longrope", ["short_factor"] = List(near), ["long_factor"] = List(far) };
                if (keys.Real("rope.scaling.attn_factor") is { } attention) scaling["attention_factor"] = attention;
                config["rope_scaling"] = scaling;
            },
        },
        ["gemma2"] = new()
        {
            ModelType = _ => "gemma2",
            Names = GgufNames.Gemma,
            NormsPlusOne = true,
            Describe = (keys, config) =>
            {
                Gemma(keys, config, largest: 46);
                config["attn_logit_softcapping"] = keys.Real("attn_logit_softcapping") ?? 50;
                config["final_logit_softcapping"] = keys.Real("final_logit_softcapping") ?? 30;
            },
        },
        ["gemma3"] = new()
        {
            ModelType = _ => "gemma3_text",
            Names = GgufNames.Gemma,
            NormsPlusOne = true,
            Describe = (keys, config) =>
            {
                Gemma(keys, config, largest: 62);
                config["rope_local_base_freq"] = 10_000;
                config["sliding_window_pattern"] = 6;
            },
        },
    };

    private static void Gemma(GgufKeys keys, JsonObject config, long largest)
    {
        LlamaLike(keys, config);
        config["sliding_window"] = keys.Need("attention.sliding_window");
        // The file does not say it; llama.cpp goes by the number of layers, since only the largest model divides by another number.
        var (hidden, heads) = (keys.Need("embedding_length"), keys.Need("attention.head_count"));
        config["query_pre_attn_scalar"] = keys.Need("block_count") == largest ? hidden / heads : (long)config["head_dim"]!;
    }

    private static void LlamaLike(GgufKeys keys, JsonObject config)
    {
        var heads = keys.Need("attention.head_count");
        var head = keys.Key("attention.key_length") ?? keys.Need("embedding_length") / heads;
        config["intermediate_size"] = keys.Need("feed_forward_length");
        config["num_key_value_heads"] = keys.Key("attention.head_count_kv") ?? heads;
        config["rms_norm_eps"] = keys.Real("attention.layer_norm_rms_epsilon") ?? 1e-6;
        config["rope_theta"] = keys.Real("rope.freq_base") ?? 10_000;
        config["head_dim"] = head;
        if (keys.Key("rope.dimension_count") is { } turned && turned != head) config["partial_rotary_factor"] = (double)turned / head;
        if (keys.Key("attention.value_length") is { } value && value != head) throw keys.File.Bad($"values of {value} dimensions beside keys of {head} are not supported");
        if (keys.Factors("rope_freqs.weight") is { } factors)
        {
            // Llama 3.1's scaling, worked out: a divisor for each frequency at any length.
            config["rope_scaling"] = new JsonObject { ["rope_type"] = "longrope", ["short_factor"] = List(factors), ["long_factor"] = List(factors), ["original_max_position_embeddings"] = keys.Need("context_length"), ["attention_factor"] = 1.0 };
            return;
        }

        switch (keys.Text($"{keys.Architecture}.rope.scaling.type"))
        {
            case null or "none":
                break;
            case "linear":
                config["rope_scaling"] = new JsonObject { ["rope_type"] = "linear", ["factor"] = keys.Real("rope.scaling.factor") ?? 1 };
                break;
            case "yarn":
                config["rope_scaling"] = new JsonObject
                {
                    ["rope_type"] = "yarn",
                    ["factor"] = keys.Real("rope.scaling.factor") ?? 1,
                    ["original_max_position_embeddings"] = keys.Key("rope.scaling.original_context_length") ?? keys.Need("context_length"),
                };
                break;
            case "longrope":
                break; // by its factors, which are tensors
            case var other:
                throw keys.File.Bad($"the rope scaling '{other}' is not supported in GGUF files");
        }
    }

    private static JsonArray List(double[] factors) => [.. factors.Select(factor => JsonValue.Create(factor))];
}
