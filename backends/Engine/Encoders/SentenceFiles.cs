using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>The small files of sentence-transformers beside <c>modules.json</c>.</summary>
internal static class SentenceFiles
{
    // One name for each class that the library has had for its first module.
    private static readonly string[] Names =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    /// <summary>
    /// <c>max_seq_length</c> where the folder says one, else the tokenizer's <c>model_max_length</c>; never more than the network has positions
    /// for. The truncation stored in tokenizer.json is of its making, not of its use (all-MiniLM-L6-v2 says 128 there and means 256).
    /// </summary>
    public static int MaxTokens(string folder, int context)
    {
        var own = Own(folder)?["max_seq_length"];
        var limit = own ?? ModelFiles.ReadObjectIfThere(Path.Combine(folder, "tokenizer_config.json"))?["model_max_length"];
        if (limit is not JsonValue value) return context;
        // "Unlimited" is written as 1e30.
        if (value.TryGetValue(out double length) && length >= 1) return (int)Math.Min(context, length);
        throw new ModelFolderException(folder, $"a longest text of {limit.ToJsonString()} tokens is not a positive number");
    }

    public static bool Lowercase(string folder) => Own(folder)?["do_lower_case"] is JsonValue value && value.TryGetValue(out bool lower) && lower;

    /// <summary>Prompts by name, and the name of the one that texts get when a request names none.</summary>
    public static (Dictionary<string, string> Prompts, string? Default) Prompts(string folder)
    {
        var file = Path.Combine(folder, "config_sentence_transformers.json");
        var config = ModelFiles.ReadObjectIfThere(file) ?? [];
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, node) in config["prompts"] as JsonObject ?? [])
            prompts[name] = node is JsonValue value && value.TryGetValue(out string? text) ? text : throw new ModelFolderException(file, $"the prompt '{name}' is not a text");
        if (config["default_prompt_name"] is not { } chosen) return (prompts, null);
        if (chosen is JsonValue known && known.TryGetValue(out string? usual) && prompts.ContainsKey(usual)) return (prompts, usual);
        throw new ModelFolderException(file, $"the default prompt {chosen.ToJsonString()} is not among its prompts");
    }

    private static JsonObject? Own(string folder) =>
        Names.Select(name => ModelFiles.ReadObjectIfThere(Path.Combine(folder, name))).FirstOrDefault(found => found is not null);
}
