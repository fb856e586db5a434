using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Tests.Models;

/// <summary>What the keys of a configuration mean, and what their absence means, where families differ.</summary>
public class DecoderSpecTests
{
    private const string Sizes = "\"hidden_size\":64,\"intermediate_size\":128,\"num_attention_heads\":32,\"num_hidden_layers\":8,\"vocab_size\":100,\"max_position_embeddings\":4096";

    [Theory]
    [InlineData("llama", 32, 2, null)]
    [InlineData("mistral", 8, 2, 4096)]
    [InlineData("mixtral", 8, 2, null)]
    [InlineData("qwen2", 32, 2, null)]
    [InlineData("qwen3", 32, 128, null)]
    [InlineData("qwen3_moe", 4, 2, null)]
    [InlineData("gemma2", 4, 256, 4096)]
    [InlineData("gemma3_text", 4, 256, 4096)]
    [InlineData("gpt_oss", 8, 64, 128)]
    public void Absent_keys_mean_what_the_family_says(string family, int kvHeads, int headDim, int? window)
    {
        var spec = Read(family);

        spec.KvHeads.ShouldBe(kvHeads);
        spec.HeadDim.ShouldBe(headDim);
        spec.LayerSpecs[0].Window.ShouldBe(window);
    }

    [Fact]
    public void A_window_that_is_null_is_none() => Read("mistral", "\"sliding_window\":null").LayerSpecs.ShouldAllBe(layer => layer.Window == null);

    [Fact]
    public void Qwen_s_window_counts_only_where_it_is_switched_on_and_from_a_layer()
    {
        Read("qwen2", "\"sliding_window\":16,\"max_window_layers\":3").LayerSpecs.ShouldAllBe(layer => layer.Window == null);
        Read("qwen2", "\"sliding_window\":16,\"max_window_layers\":3,\"use_sliding_window\":true").LayerSpecs.Select(layer => layer.Window)
            .ShouldBe([null, null, null, 16, 16, 16, 16, 16]);
    }

    [Fact]
    public void Gemma_3_has_a_full_layer_after_five_near_ones_with_a_base_of_its_own()
    {
        var layers = Read("gemma3_text").LayerSpecs;

        layers.Select(layer => layer.Window is null).ShouldBe([false, false, false, false, false, true, false, false]);
        layers[5].Rotary!.InverseFrequencies[1].ShouldBe(Math.Pow(1_000_000, -2.0 / 256), 1e-12);
        layers[0].Rotary!.InverseFrequencies[1].ShouldBe(Math.Pow(10_000, -2.0 / 256), 1e-12);
    }

    [Fact]
    public void SmolLm3_does_not_turn_every_fourth_layer()
    {
        Read("smollm3").LayerSpecs.Select(layer => layer.Rotary is null).ShouldBe([false, false, false, true, false, false, false, true]);
        Read("smollm3", "\"no_rope_layers\":[0,1,1,1,1,1,1,0]").LayerSpecs.Select(layer => layer.Rotary is null).ShouldBe([true, false, false, false, false, false, false, true]);
    }

    [Fact]
    public void Dense_layers_among_experts_are_where_the_configuration_says() =>
        Read("qwen3_moe", "\"mlp_only_layers\":[1],\"decoder_sparse_step\":2").LayerSpecs.Select(layer => layer.Experts).ShouldBe([false, false, false, true, false, true, false, true]);

    [Theory]
    [InlineData("llama", "\"residual_multiplier\":0.22", "'residual_multiplier'")]
    [InlineData("llama", "\"num_experts\":8", "'num_experts'")]
    [InlineData("qwen2", "\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4.0,\"spin\":2}", "'spin'")]
    [InlineData("mixtral", "\"num_experts_per_tok\":9", "9 of 8 experts")]
    [InlineData("gemma3_text", "\"use_bidirectional_attention\":true", "'use_bidirectional_attention'")]
    [InlineData("gemma2", "\"layer_types\":[\"full_attention\"]", "fewer than there are layers")]
    [InlineData("llama", "\"rope_scaling\":7", "'rope_scaling' is 7, not an object")]
    public void What_would_change_the_numbers_and_is_not_understood_is_refused_by_name(string family, string key, string message) =>
        Should.Throw<ModelFolderException>(() => Read(family, key)).Message.ShouldContain(message);

    [Theory]
    [InlineData("\"unheard_of\":null")]
    [InlineData("\"unheard_of\":false")]
    [InlineData("\"unheard_of\":[]")]
    [InlineData("\"attention_dropout\":0.1,\"torch_dtype\":\"bfloat16\",\"_name_or_path\":\"x\",\"transformers_version\":\"5\",\"id2label\":{\"0\":\"a\"}")]
    public void What_is_off_or_known_to_be_harmless_is_let_through(string keys) => Read("llama", keys).Layers.ShouldBe(8);

    private static DecoderSpec Read(string family, string? more = null) =>
        DecoderSpec.FromConfig((JsonObject)JsonNode.Parse($"{{\"model_type\":\"{family}\",{Sizes}{(more is null ? "" : "," + more)}}}")!, "config.json");
}
