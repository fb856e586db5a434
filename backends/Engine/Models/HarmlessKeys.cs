namespace Gateway.Engine.Models;

/// <summary>Keys of <c>config.json</c> that do not change what a trained decoder computes from its tokens.</summary>
internal static class HarmlessKeys
{
    private static readonly HashSet<string> Names =
    [
        // what it is and how it is stored
        "model_type", "architectures", "torch_dtype", "dtype", "vocab_size", "max_position_embeddings", "tokenizer_class", "auto_map", "name_or_path", "model_name",
        "is_llama_config", "license", "tags", "finetuning_task", "task_specific_params", "transformers.js_config", "cache_implementation", "use_cache", "return_dict", "is_decoder",
        "gradient_checkpointing", "pretraining_tp", "tp_plan", "base_model_tp_plan", "base_model_pp_plan", "n_ctx", "seq_length", "use_mambapy",
        // training
        "init_std", "initializer_range", "initializer_factor", "layerdrop", "dropout", "router_aux_loss_coef", "router_jitter_noise", "output_router_logits", "aux_loss_alpha", "z_loss",
        "summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout", "label_smoothing", "problem_type", "rescale_layer_init", "mlp_init", "scale_init",
        // labels and defaults of generation, which generation_config.json says today
        "id2label", "label2id", "num_labels", "do_sample", "temperature", "top_k", "top_p", "max_length", "max_new_tokens", "min_length", "repetition_penalty", "num_beams", "length_penalty",
        "diversity_penalty", "num_beam_groups", "num_return_sequences", "encoder_no_repeat_ngram_size", "no_repeat_ngram_size", "typical_p", "early_stopping", "chunk_size_feed_forward", "tie_encoder_decoder", "remove_invalid_values",
        "prefix", "tokenizer_name", "use_flash_attn", "use_flash_attention", "unsloth_version", "unsloth_fixed",
    ];

    private static readonly string[] Endings = ["_token_id", "_token_ids", "_dropout", "_pdrop", "_dropout_prob", "_version", "_init", "_loss_coef"];

    public static bool Contains(string name) =>
        Names.Contains(name) || name.StartsWith('_') || Endings.Any(end => name.EndsWith(end, StringComparison.Ordinal));
}
