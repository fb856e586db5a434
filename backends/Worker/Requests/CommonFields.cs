using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gateway.Engine.Sampling;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;

namespace Gateway.Worker.Requests;

/// <summary>The parameters that chat and completions share.</summary>
internal static class CommonFields
{
    private const int MaxStops = 4;

    /// <summary>Sampling as the request says, and where it is silent as the model's makers recommend.</summary>
    public static SamplingOptions Sampling(JsonFields fields, LoadedModel model, int? logProbs)
    {
        var makers = model.Defaults;
        var temperature = fields.Number("temperature", 0, 2);
        return new SamplingOptions
        {
            Temperature = temperature ?? makers.Temperature ?? 1,
            TopP = fields.Number("top_p", 0, 1) ?? makers.TopP ?? 1,
            TopK = (int)Math.Max(0, fields.Integer("top_k", -1, int.MaxValue) ?? makers.TopK ?? 0),
            MinP = fields.Number("min_p", 0, 1) ?? makers.MinP ?? 0,
            RepetitionPenalty = fields.Number("repetition_penalty", 0.01, 100) ?? makers.RepetitionPenalty ?? 1,
            PresencePenalty = fields.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2) ?? 0,
            LogitBias = Bias(fields, model),
            Seed = fields.Integer("seed", long.MinValue, long.MaxValue),
            LogProbs = logProbs,
        };
    }

    /// <summary>A text, or up to four.</summary>
    public static IReadOnlyList<string> Stops(JsonFields fields)
    {
        if (!fields.TryGet("stop", out var stop)) return [];
        if (stop.ValueKind == JsonValueKind.String) return stop.GetString() is { Length: > 0 } one ? [one] : [];
        if (stop.ValueKind != JsonValueKind.Array) throw Problems.WrongType("stop", "a string or an array of strings", WireJson.Kind(stop));
        if (stop.GetArrayLength() > MaxStops) throw Problems.ArrayTooLong("stop", MaxStops, stop.GetArrayLength());
        return [.. stop.EnumerateArray().Select((item, i) => JsonFields.AsText(item, $"stop[{i}]")).Where(text => text.Length > 0)];
    }

    public static int Choices(JsonFields fields) => (int)(fields.Integer("n", 1, 128) ?? 1);

    /// <summary>Whether a stream is asked for, and whether it ends in usage.</summary>
    public static (bool Stream, bool IncludeUsage) Streaming(JsonFields fields)
    {
        var stream = fields.Flag("stream") ?? false;
        if (fields.Object("stream_options") is not { } options) return (stream, false);
        if (!stream) throw Problems.Invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
        options.Flag("include_obfuscation"); // padding against eavesdroppers on the wire: accepted, and never sent
        return (stream, options.Flag("include_usage") ?? false);
    }

    /// <summary>Room for the answer: what was asked for, cut to what the context leaves.</summary>
    public static int Room(int? asked, int prompt, LoadedModel model, string param)
    {
        var left = model.Context - prompt;
        if (left < (asked == 0 ? 0 : 1)) throw Problems.ContextExceeded(param, model.Context, prompt);
        return Math.Min(asked ?? left, left);
    }

    /// <summary>Fields that the contract knows, that mean something, and that this version cannot do.</summary>
    public static void Refuse(JsonFields fields, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (fields.Has(name)) throw Problems.Unsupported(name);
    }

    /// <summary>Bounds of what is accepted for the caller's own records and has no effect on the answer.</summary>
    public static void CheckRecords(JsonFields fields)
    {
        fields.Text("user");
        fields.Text("safety_identifier", 64);
        fields.Text("prompt_cache_key");
        if (fields.Object("metadata") is not { } metadata) return;
        var entries = metadata.Element.EnumerateObject().ToList();
        if (entries.Count > 16) throw Problems.TooManyProperties("metadata", 16, entries.Count);
        foreach (var entry in entries)
        {
            if (entry.Name.Length > 64) throw Problems.TextTooLong($"metadata.{entry.Name[..64]}", 64, entry.Name.Length);
            var value = JsonFields.AsText(entry.Value, $"metadata.{entry.Name}");
            if (value.Length > 512) throw Problems.TextTooLong($"metadata.{entry.Name}", 512, value.Length);
        }
    }

    private static ImmutableDictionary<int, float> Bias(JsonFields fields, LoadedModel model)
    {
        if (fields.Object("logit_bias") is not { } given) return ImmutableDictionary<int, float>.Empty;
        var bias = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var entry in given.Element.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= model.Backend.Card.Vocabulary)
                throw Problems.Invalid("logit_bias", $"Invalid key in 'logit_bias': '{(entry.Name.Length > 20 ? entry.Name[..20] + "…" : entry.Name)}' is not a token id below {model.Backend.Card.Vocabulary}.");
            bias[id] = (float)JsonFields.AsNumber(entry.Value, $"logit_bias.{entry.Name}", -100, 100);
        }

        return bias.ToImmutable();
    }
}
