using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Models;

/// <summary>
/// What the model's makers recommend (<c>generation_config.json</c>): used where a request is silent, as vLLM does. The end tokens are always
/// in force.
/// </summary>
public sealed record GenerationDefaults
{
    /// <summary>Ids that end an answer; empty when the model names none.</summary>
    public ImmutableArray<int> EndTokens { get; init; } = [];

    /// <summary>0 when the makers say <c>do_sample: false</c>.</summary>
    public double? Temperature { get; init; }

    /// <summary>See <see cref="Sampling.SamplingOptions.TopP"/>.</summary>
    public double? TopP { get; init; }

    /// <summary>See <see cref="Sampling.SamplingOptions.TopK"/>.</summary>
    public int? TopK { get; init; }

    /// <summary>See <see cref="Sampling.SamplingOptions.MinP"/>.</summary>
    public double? MinP { get; init; }

    /// <summary>See <see cref="Sampling.SamplingOptions.RepetitionPenalty"/>.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Reads the file's object; the end tokens fall back to those of <paramref name="config"/>.</summary>
    internal static GenerationDefaults From(JsonObject? generation, JsonObject config, string file)
    {
        var text = config["text_config"] as JsonObject ?? config;
        var end = Ids(generation?["eos_token_id"]);
        if (end.IsEmpty) end = Ids(text["eos_token_id"]);
        if (end.IsEmpty) end = Ids(config["eos_token_id"]);
        return new GenerationDefaults
        {
            EndTokens = end,
            Temperature = generation?["do_sample"] is JsonValue sample && sample.TryGetValue(out bool on) && !on ? 0 : Number(generation, "temperature", 0, 2, file),
            TopP = Number(generation, "top_p", 0, 1, file),
            TopK = (int?)Number(generation, "top_k", 0, int.MaxValue, file),
            MinP = Number(generation, "min_p", 0, 1, file),
            RepetitionPenalty = Number(generation, "repetition_penalty", 1e-3, 100, file),
        };
    }

    private static ImmutableArray<int> Ids(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue(out int id) && id >= 0 => [id],
        JsonArray array => [.. array.OfType<JsonValue>().Select(value => value.TryGetValue(out int id) ? id : -1).Where(id => id >= 0)],
        _ => [],
    };

    private static double? Number(JsonObject? from, string name, double least, double most, string file)
    {
        if (from?[name] is not { } node) return null;
        if (node is JsonValue value && value.TryGetValue(out double number) && number >= least && number <= most) return number;
        throw new ModelFolderException(file, $"'{name}' is {node.ToJsonString()}, not a number from {least} to {most}");
    }
}
