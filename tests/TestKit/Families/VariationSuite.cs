using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Shouldly;
using Xunit;

namespace Gateway.TestKit.Families;

/// <summary>Shapes and switches that real checkpoints have and the golden ones have not, each against <see cref="ReferenceDecoder"/>. An engine inherits this.</summary>
public abstract class VariationSuite
{
    private const string Llama = "\"model_type\":\"llama\",\"hidden_size\":30,\"intermediate_size\":44,\"num_attention_heads\":5,\"num_hidden_layers\":2,\"vocab_size\":397,\"max_position_embeddings\":64";

    public static TheoryData<string, string> Configurations => new()
    {
        { "odd vocabulary, odd half head, tied", Llama + ",\"tie_word_embeddings\":true" },
        { "one key-value head", Llama + ",\"num_key_value_heads\":1" },
        { "one head for all", "\"model_type\":\"llama\",\"hidden_size\":14,\"intermediate_size\":20,\"num_attention_heads\":1,\"num_hidden_layers\":1,\"vocab_size\":33,\"max_position_embeddings\":64" },
        { "heads wider than the hidden size", Llama + ",\"head_dim\":18,\"num_key_value_heads\":5" },
        { "a part of each head turns", Llama + ",\"head_dim\":12,\"partial_rotary_factor\":0.5" },
        { "another nonlinearity", Llama + ",\"hidden_act\":\"gelu\"" },
        { "yarn with both scales", Llama + ",\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":16,\"mscale\":0.7,\"mscale_all_dim\":0.9}" },
        { "a window of one", Llama.Replace("llama", "mistral", StringComparison.Ordinal) + ",\"num_key_value_heads\":5,\"sliding_window\":1" },
        { "a window of three", Llama.Replace("llama", "mistral", StringComparison.Ordinal) + ",\"num_key_value_heads\":1,\"sliding_window\":3" },
        { "windows in some layers, norms of heads", Llama.Replace("llama", "qwen3", StringComparison.Ordinal) + ",\"head_dim\":8,\"num_key_value_heads\":5,\"use_sliding_window\":true,\"sliding_window\":4,\"max_window_layers\":1" },
        { "layers that do not turn", Llama.Replace("llama", "smollm3", StringComparison.Ordinal) + ",\"num_key_value_heads\":5,\"no_rope_layers\":[0,1]" },
        { "one expert of two", Llama.Replace("llama", "mixtral", StringComparison.Ordinal) + ",\"num_key_value_heads\":5,\"num_local_experts\":2,\"num_experts_per_tok\":1" },
        { "all experts at once", Llama.Replace("llama", "mixtral", StringComparison.Ordinal) + ",\"num_key_value_heads\":1,\"num_local_experts\":3,\"num_experts_per_tok\":3" },
        { "experts in some layers, shares not renormalised", Llama.Replace("llama", "qwen3_moe", StringComparison.Ordinal) + ",\"num_key_value_heads\":5,\"num_experts\":4,\"num_experts_per_tok\":2,\"moe_intermediate_size\":9,\"mlp_only_layers\":[0]" },
        { "fused matrices with grouped heads", Llama.Replace("llama", "phi3", StringComparison.Ordinal) + ",\"num_key_value_heads\":1" },
        { "longrope past its original context", Llama.Replace("llama", "phi3", StringComparison.Ordinal) + ",\"original_max_position_embeddings\":16,\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1,1.1,1.3],\"long_factor\":[1,2,4]}" },
        { "soft caps and one key-value head", Llama.Replace("llama", "gemma2", StringComparison.Ordinal) + ",\"head_dim\":10,\"num_key_value_heads\":1,\"sliding_window\":5,\"attn_logit_softcapping\":2.0,\"final_logit_softcapping\":3.0,\"query_pre_attn_scalar\":7" },
        { "soft caps off", Llama.Replace("llama", "gemma2", StringComparison.Ordinal) + ",\"head_dim\":10,\"num_key_value_heads\":5,\"attn_logit_softcapping\":null,\"final_logit_softcapping\":null" },
        { "gemma 3, every layer near but one", Llama.Replace("llama", "gemma3_text", StringComparison.Ordinal) + ",\"head_dim\":10,\"num_key_value_heads\":1,\"sliding_window\":4,\"sliding_window_pattern\":2" },
        { "a quarter turns, one after the other", "\"model_type\":\"gpt_neox\",\"hidden_size\":48,\"intermediate_size\":70,\"num_attention_heads\":3,\"num_hidden_layers\":2,\"vocab_size\":101,\"max_position_embeddings\":64,\"use_parallel_residual\":false" },
        { "gpt-2 with an odd inside", "\"model_type\":\"gpt2\",\"n_embd\":21,\"n_head\":3,\"n_layer\":2,\"n_inner\":35,\"n_positions\":64,\"vocab_size\":77,\"tie_word_embeddings\":false" },
        { "ALiBi over three heads", "\"model_type\":\"bloom\",\"hidden_size\":21,\"n_head\":3,\"n_layer\":2,\"vocab_size\":77,\"seq_length\":64" },
        { "an embedding of its own width", "\"model_type\":\"opt\",\"hidden_size\":24,\"ffn_dim\":30,\"num_attention_heads\":2,\"num_hidden_layers\":2,\"vocab_size\":61,\"max_position_embeddings\":64,\"word_embed_proj_dim\":10,\"do_layer_norm_before\":false" },
    };

    public static TheoryData<string, int, int, bool> Storages => new() { { "F32", 1, 0, true }, { "F16", 1, 1, false }, { "BF16", 3, 0, true }, { "F32", 5, 1, false } };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void A_variation_gives_the_numbers_of_the_reference(string what, string config) => Compare(what, config);

    [Theory]
    [MemberData(nameof(Storages))]
    public void Storage_types_shards_prefixes_and_biases_make_no_difference_but_their_own(string storage, int shards, int prefix, bool biases) =>
        Compare($"{storage} in {shards}", Llama, storage, shards, prefix, biases);

    /// <summary>An engine over a folder.</summary>
    protected abstract IModelRunner Load(ModelFolder folder, CacheSize cache);

    private void Compare(string what, string config, string storage = "F32", int shards = 1, int prefix = 0, bool biases = false)
    {
        using var temporary = new TemporaryFolder();
        var path = temporary.File("model");
        RandomFolder.Write(path, (JsonObject)JsonNode.Parse("{" + config + "}")!, storage, shards, prefix, biases);
        using var folder = ModelFolder.Open(path);
        var spec = DecoderSpec.FromConfig(folder.Config, path);
        using var runner = Load(folder, new CacheSize(4, 32));
        var chance = new Random(5);
        var prompts = ((int[])[1, 7, 19]).Select(length => Enumerable.Range(0, length).Select(_ => chance.Next(spec.Vocabulary)).ToArray()).ToArray();

        // All prompts in one pass: the first in blocks that do not follow each other.
        var logits = new float[prompts.Length * spec.Vocabulary];
        runner.Forward([.. prompts.Select((prompt, i) => new Slice(i, prompt, 0, Enumerable.Range(0, 5).Select(b => i == 0 ? 31 - b : (i * 5) + b).ToArray(), 1, prompt.Length))], logits);

        var reference = new ReferenceDecoder(spec, folder.Tensors);
        for (var i = 0; i < prompts.Length; i++)
        {
            var expected = reference.Logits(prompts[i]);
            var scale = Math.Max(1, expected.Max(Math.Abs));
            var worst = expected.Select((value, v) => Math.Abs(value - logits[(i * spec.Vocabulary) + v])).Max();
            worst.ShouldBeLessThan(2e-4 * scale, $"{what}: a prompt of {prompts[i].Length}");
        }
    }
}
