using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gateway.Engine.Sampling;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;

namespace Gateway.Worker.Requests;

/// <summary>The fields that chat and completions share. Where the request is silent the model's own <c>generation_config.json</c> speaks.</summary>
internal static class SamplingReader
{
    private const int MaxStops = 4;

    public static SamplingOptions Read(JsonFields fields, LoadedModel model, int? logProbs)
    {
        var defaults = model.Defaults;
        // −1 is how vLLM's users switch top_k off.
        var topK = (int?)fields.Integer("top_k", -1, int.MaxValue) ?? defaults.TopK ?? 0;
        return new SamplingOptions
        {
            Temperature = fields.Number("temperature", 0, 2) ?? defaults.Temperature ?? 1,
            TopP = fields.Number("top_p", 0, 1) ?? defaults.TopP ?? 1,
            TopK = Math.Max(0, topK),
            MinP = fields.Number("min_p", 0, 1) ?? defaults.MinP ?? 0,
            PresencePenalty = fields.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2) ?? 0,
            RepetitionPenalty = fields.Number("repetition_penalty", 0.01, 100) ?? defaults.RepetitionPenalty ?? 1,
            LogitBias = LogitBias(fields, model.Backend.Card.Vocabulary),
            Seed = fields.Integer("seed", long.MinValue, long.MaxValue),
            LogProbs = logProbs,
        };
    }

    public static ImmutableArray<string> Stops(JsonFields fields)
    {
        if (!fields.TryGet("stop", out var value)) return [];
        if (value.ValueKind == JsonValueKind.String) return [Stop(value, "stop")];
        if (value.ValueKind != JsonValueKind.Array) throw Problems.WrongType("stop", "a string or an array of strings", WireJson.Kind(value));
        var count = value.GetArrayLength();
        if (count > MaxStops) throw Problems.ArrayTooLong("stop", MaxStops, count);
        return [.. value.EnumerateArray().Select((item, at) => Stop(item, $"stop[{at}]"))];
    }

    /// <summary>Tokens that end the answer: the model's own and the request's <c>stop_token_ids</c>.</summary>
    public static ImmutableArray<int> EndTokens(JsonFields fields, LoadedModel model)
    {
        var ends = model.Defaults.EndTokens;
        if (fields.Array("stop_token_ids") is not { } more) return ends;
        var last = model.Backend.Card.Vocabulary - 1;
        return [.. ends, .. more.EnumerateArray().Select((id, at) => (int)JsonFields.AsInteger(id, $"stop_token_ids[{at}]", 0, last))];
    }

    public static StreamOptions Streaming(JsonFields fields)
    {
        var stream = fields.Flag("stream") ?? false;
        if (fields.Object("stream_options") is not { } options) return new StreamOptions(stream, false);
        if (!stream) throw Problems.Invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
        _ = options.Flag("include_obfuscation"); // never sent, so both values are honoured
        return new StreamOptions(true, options.Flag("include_usage") ?? false);
    }

    private static string Stop(JsonElement value, string path)
    {
        var text = JsonFields.AsText(value, path);
        return text.Length > 0 ? text : throw Problems.Invalid(path, $"Invalid '{path}': a stop sequence cannot be empty.");
    }

    private static ImmutableDictionary<int, float> LogitBias(JsonFields fields, int vocabulary)
    {
        if (fields.Object("logit_bias") is not { } biases) return ImmutableDictionary<int, float>.Empty;
        var read = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var entry in biases.Element.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= vocabulary)
                throw Problems.Invalid("logit_bias", $"Invalid key in 'logit_bias': keys are token ids from 0 to {vocabulary - 1} of this model.");
            read[id] = (float)JsonFields.AsNumber(entry.Value, $"logit_bias.{id}", -100, 100);
        }

        return read.ToImmutable();
    }
}
