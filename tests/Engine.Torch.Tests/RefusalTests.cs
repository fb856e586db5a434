using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Torch.Tests;

/// <summary>What cannot be computed as its makers meant it is refused, by name, before anything is served.</summary>
public class RefusalTests
{
    [Theory]
    [InlineData("model_type", "\"mamba\"", "'mamba' is not supported; known are bloom, gemma2, gemma3_text, gpt2, gpt_neox, gpt_oss, llama, mistral, mixtral, opt, phi3, qwen2, qwen3, qwen3_moe, smollm3")]
    [InlineData("model_type", "null", "model_type")]
    [InlineData("intermediate_size", "145", "'model.layers.0.mlp.gate_proj.weight' has the shape [144, 54], expected was [145, 54]")]
    [InlineData("num_hidden_layers", "4", "'layers.3.input_layernorm.weight' is missing")]
    [InlineData("num_hidden_layers", "2", "no place in the architecture 'llama'")]
    [InlineData("tie_word_embeddings", "false", "'lm_head.weight' is missing")]
    [InlineData("num_key_value_heads", "2", "cannot share")]
    [InlineData("head_dim", "5", "even head size")]
    [InlineData("hidden_act", "\"quick_gelu\"", "'quick_gelu' is not supported")]
    [InlineData("rope_scaling", "{\"type\": \"spiral\", \"factor\": 2.0}", "'spiral' is not supported")]
    [InlineData("rope_scaling", "{\"type\": \"longrope\", \"short_factor\": [1.0]}", "longrope has no 'long_factor'")]
    [InlineData("rope_scaling", "{\"type\": \"longrope\", \"long_factor\": [1.0], \"short_factor\": [1.0]}", "has 1 factors for 3 frequencies")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"factor\": 2.0, \"twist\": 0.5}", "the key 'twist' (0.5) is not understood")]
    [InlineData("attention_multiplier", "0.5", "the key 'attention_multiplier' (0.5) is not understood")]
    [InlineData("partial_rotary_factor", "0.5", "not 3 of 6 dimensions")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"factor\": -1.0}", "factor is -1")]
    [InlineData("quantization_config", "{\"quant_method\": \"awq\"}", "quantization_config")]
    [InlineData("hidden_size", "-54", "'hidden_size' is -54")]
    public void A_folder_that_is_not_what_it_says_is_refused(string key, string value, string message)
    {
        var folder = Directory.CreateTempSubdirectory("refusal-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Shared.Golden("models", "smollm"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            var config = (JsonObject)JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")))!;
            config[key] = JsonNode.Parse(value);
            File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
            using var model = ModelFolder.Open(folder);

            Should.Throw<ModelFolderException>(() => TorchRunner.Load(model, new TorchOptions { BlockCount = 4 })).Message.ShouldContain(message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("int3", "cpu", "weights in 'int3'")]
    [InlineData("auto", "tpu", "device 'tpu'")]
    [InlineData("auto", "cuda:x", "device 'cuda:x'")]
    public void An_option_that_cannot_be_met_is_refused(string weights, string device, string message)
    {
        using var model = ModelFolder.Open(Shared.Golden("models", "smollm"));

        Should.Throw<ModelFolderException>(() => TorchRunner.Load(model, new TorchOptions { Weights = weights, Device = device })).Message.ShouldContain(message);
    }
}
