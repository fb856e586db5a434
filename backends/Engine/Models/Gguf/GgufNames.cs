namespace Gateway.Engine.Models.Gguf;

/// <summary>GGUF's names of weights and Hugging Face's; <c>{N}</c> stands for the layer.</summary>
internal static class GgufNames
{
    private static readonly Dictionary<string, Dictionary<string, string>> Tables = new()
    {
        ["llama"] = new()
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
        },
        ["gpt2"] = new()
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
        },
        ["bloom"] = new()
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
        },
    };

    public static string? Find(string architecture, string stem, bool inBlock) => Tables[architecture].GetValueOrDefault(inBlock ? "blk." + stem : stem);
}
