using System.Text.Json.Nodes;

namespace Gateway.Engine.Models;

/// <summary>The configuration of a folder, which onnxruntime-genai keeps in a file of its own.</summary>
internal static class ExportedFiles
{
    private const string GenaiConfig = "genai_config.json";

    public static bool HasConfig(string folder) => File.Exists(Path.Combine(folder, "config.json")) || File.Exists(Path.Combine(folder, GenaiConfig));

    /// <summary><c>config.json</c>, or what <c>genai_config.json</c> says in its terms: folders of that layout need no other.</summary>
    public static JsonObject ReadConfig(string folder)
    {
        var (config, genai) = (Path.Combine(folder, "config.json"), Path.Combine(folder, GenaiConfig));
        if (File.Exists(config) || !File.Exists(genai)) return ModelFiles.ReadObject(config);
        var model = ModelFiles.ReadObject(genai)["model"] as JsonObject ?? throw new ModelFolderException(genai, "'model' is missing");
        return new JsonObject
        {
            ["model_type"] = model["type"]?.DeepClone(),
            ["max_position_embeddings"] = model["context_length"]?.DeepClone(),
            ["vocab_size"] = model["vocab_size"]?.DeepClone(),
            ["eos_token_id"] = model["eos_token_id"]?.DeepClone(),
        };
    }
}
