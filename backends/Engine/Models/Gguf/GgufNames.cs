namespace Gateway.Engine.Models.Gguf;

/// <summary>GGUF's names of weights and Hugging Face's, family by family; <c>{N}</c> stands for the layer, <c>{E}</c> for an expert of a stack.</summary>
internal static class GgufNames
{
    public static readonly IReadOnlyDictionary<string, string> Gpt2 = new Dictionary<string, string>
    {
        ["token_embd"] = "wte",
        ["position_embd"] = "wpe",
        ["output_norm"] = "ln_f",
        ["output"] = "lm_head",
        ["blk.attn_norm"] = "h.{N}.ln_1",
        ["blk.attn_qkv"] = "h.{N}.attn.c_attn",
        ["blk.attn_output"] = "h.{N}.attn.c_proj",
        ["blk.ffn_norm"] = "h.{N}.ln_2",
        ["blk.ffn_up"] = "h.{N}.mlp.c_fc",
        ["blk.ffn_down"] = "h.{N}.mlp.c_proj",
    };

    public static readonly IReadOnlyDictionary<string, string> Bloom = new Dictionary<string, string>
    {
        ["token_embd"] = "word_embeddings",
        ["token_embd_norm"] = "word_embeddings_layernorm",
        ["output_norm"] = "ln_f",
        ["output"] = "lm_head",
        ["blk.attn_norm"] = "h.{N}.input_layernorm",
        ["blk.attn_qkv"] = "h.{N}.self_attention.query_key_value",
        ["blk.attn_output"] = "h.{N}.self_attention.dense",
        ["blk.ffn_norm"] = "h.{N}.post_attention_layernorm",
        ["blk.ffn_up"] = "h.{N}.mlp.dense_h_to_4h",
        ["blk.ffn_down"] = "h.{N}.mlp.dense_4h_to_h",
    };

    public static readonly IReadOnlyDictionary<string, string> GptNeoX = new Dictionary<string, string>
    {
        ["token_embd"] = "gpt_neox.embed_in",
        ["output_norm"] = "gpt_neox.final_layer_norm",
        ["output"] = "embed_out",
        ["blk.attn_norm"] = "gpt_neox.layers.{N}.input_layernorm",
        ["blk.attn_qkv"] = "gpt_neox.layers.{N}.attention.query_key_value",
        ["blk.attn_output"] = "gpt_neox.layers.{N}.attention.dense",
        ["blk.ffn_norm"] = "gpt_neox.layers.{N}.post_attention_layernorm",
        ["blk.ffn_up"] = "gpt_neox.layers.{N}.mlp.dense_h_to_4h",
        ["blk.ffn_down"] = "gpt_neox.layers.{N}.mlp.dense_4h_to_h",
    };

    public static readonly IReadOnlyDictionary<string, string> Llama = new Dictionary<string, string>
    {
        ["token_embd"] = "model.embed_tokens",
        ["output_norm"] = "model.norm",
        ["output"] = "lm_head",
        ["blk.attn_norm"] = "model.layers.{N}.input_layernorm",
        ["blk.attn_q"] = "model.layers.{N}.self_attn.q_proj",
        ["blk.attn_k"] = "model.layers.{N}.self_attn.k_proj",
        ["blk.attn_v"] = "model.layers.{N}.self_attn.v_proj",
        ["blk.attn_output"] = "model.layers.{N}.self_attn.o_proj",
        ["blk.ffn_norm"] = "model.layers.{N}.post_attention_layernorm",
        ["blk.ffn_gate"] = "model.layers.{N}.mlp.gate_proj",
        ["blk.ffn_up"] = "model.layers.{N}.mlp.up_proj",
        ["blk.ffn_down"] = "model.layers.{N}.mlp.down_proj",
        ["blk.ffn_gate_inp"] = "model.layers.{N}.block_sparse_moe.gate",
        ["blk.ffn_gate_exps"] = "model.layers.{N}.block_sparse_moe.experts.{E}.w1",
        ["blk.ffn_up_exps"] = "model.layers.{N}.block_sparse_moe.experts.{E}.w3",
        ["blk.ffn_down_exps"] = "model.layers.{N}.block_sparse_moe.experts.{E}.w2",
    };

    public static readonly IReadOnlyDictionary<string, string> Qwen3 = new Dictionary<string, string>(Llama)
    {
        ["blk.attn_q_norm"] = "model.layers.{N}.self_attn.q_norm",
        ["blk.attn_k_norm"] = "model.layers.{N}.self_attn.k_norm",
    };

    public static readonly IReadOnlyDictionary<string, string> Qwen3Moe = new Dictionary<string, string>(Qwen3)
    {
        ["blk.ffn_gate_inp"] = "model.layers.{N}.mlp.gate",
        ["blk.ffn_gate_exps"] = "model.layers.{N}.mlp.experts.{E}.gate_proj",
        ["blk.ffn_up_exps"] = "model.layers.{N}.mlp.experts.{E}.up_proj",
        ["blk.ffn_down_exps"] = "model.layers.{N}.mlp.experts.{E}.down_proj",
    };

    public static readonly IReadOnlyDictionary<string, string> Phi3 = new Dictionary<string, string>(Llama)
    {
        ["blk.attn_qkv"] = "model.layers.{N}.self_attn.qkv_proj",
        ["blk.ffn_up"] = "model.layers.{N}.mlp.gate_up_proj",
    };

    public static readonly IReadOnlyDictionary<string, string> Gemma = new Dictionary<string, string>(Qwen3)
    {
        ["blk.post_attention_norm"] = "model.layers.{N}.post_attention_layernorm",
        ["blk.ffn_norm"] = "model.layers.{N}.pre_feedforward_layernorm",
        ["blk.post_ffw_norm"] = "model.layers.{N}.post_feedforward_layernorm",
    };
}
