namespace Gateway.Engine.Models.Families;

/// <summary>Every family that can be described, by its <c>model_type</c>.</summary>
internal static class Known
{
    public static readonly Dictionary<string, Func<ConfigReader, DecoderSpec>> Families = new()
    {
        ["gpt2"] = Classic.Gpt2,
        ["bloom"] = Classic.Bloom,
        ["gpt_neox"] = Classic.GptNeoX,
        ["opt"] = Classic.Opt,
        ["llama"] = LlamaLike.Llama,
        ["smollm3"] = LlamaLike.SmolLm3,
        ["mistral"] = LlamaLike.Mistral,
        ["mixtral"] = LlamaLike.Mixtral,
        ["qwen2"] = LlamaLike.Qwen2,
        ["qwen3"] = LlamaLike.Qwen3,
        ["qwen3_moe"] = LlamaLike.Qwen3Moe,
        ["phi3"] = LlamaLike.Phi3,
        ["gemma2"] = Gemma.Gemma2,
        ["gemma3_text"] = Gemma.Gemma3,
        ["gpt_oss"] = LlamaLike.GptOss,
    };
}
