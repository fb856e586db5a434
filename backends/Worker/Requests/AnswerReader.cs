using System.Collections.Immutable;
using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Errors;

namespace Gateway.Worker.Requests;

/// <summary>Reads <see cref="AnswerOptions"/>.</summary>
internal static class AnswerReader
{
    private const int MaxStops = 4;
    private const int MaxCandidates = 20;

    public static AnswerOptions Read(JsonFields fields)
    {
        var streaming = Streaming(fields);
        var choices = (int)(fields.Integer("n", 1, 128) ?? 1);
        var candidates = (int)(fields.Integer("best_of", 0, MaxCandidates) ?? choices);
        if (candidates < choices) throw Problems.Invalid("best_of", $"Invalid 'best_of': it must be at least 'n' ({choices}), but got {candidates} instead.");
        var beams = Beams(fields, choices, candidates);
        if (beams is not null && streaming.Stream) throw Problems.Invalid("use_beam_search", "Invalid 'use_beam_search': a search has no answer before its end, so it cannot be streamed.");
        if (candidates > choices && streaming.Stream) throw Problems.Invalid("best_of", "Invalid 'best_of': candidates cannot be compared in a stream.");
        return new AnswerOptions(
            choices, beams is null ? candidates : choices, beams, Stops(fields), streaming,
            fields.Flag("skip_special_tokens") ?? true, fields.Flag("return_token_ids") ?? false);
    }

    private static BeamOptions? Beams(JsonFields fields, int choices, int candidates)
    {
        var wanted = fields.Flag("use_beam_search") ?? false;
        var penalty = fields.Number("length_penalty", -10, 10);
        var stopping = Stopping(fields);
        if (!wanted)
        {
            if (penalty is not (null or 1)) throw OnlyWithBeams("length_penalty");
            if (stopping is not (null or BeamStopping.Heuristic)) throw OnlyWithBeams("early_stopping");
            return null;
        }

        if (candidates > MaxCandidates) throw Problems.AboveMaximum("n", "integer", MaxCandidates, $"{candidates}");
        // A search goes by the model's own distribution; what would bend it is refused rather than forgotten.
        foreach (var (name, neutral) in (ReadOnlySpan<(string, double)>)[("presence_penalty", 0), ("frequency_penalty", 0), ("repetition_penalty", 1), ("no_repeat_ngram_size", 0), ("min_tokens", 0)])
        {
            if (fields.TryGet(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetDouble() != neutral) throw NotWithBeams(name);
        }

        if (fields.Object("logit_bias") is { } bias && bias.Element.EnumerateObject().Any()) throw NotWithBeams("logit_bias");
        if (fields.Array("bad_words") is { } words && words.GetArrayLength() > 0) throw NotWithBeams("bad_words");
        return new BeamOptions(candidates, choices, penalty ?? 1, stopping ?? BeamStopping.Heuristic);
    }

    private static BeamStopping? Stopping(JsonFields fields)
    {
        if (!fields.TryGet("early_stopping", out var value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => BeamStopping.Early,
            JsonValueKind.False => BeamStopping.Heuristic,
            JsonValueKind.String when value.ValueEquals("never"u8) => BeamStopping.Never,
            JsonValueKind.String => throw Problems.NotOneOf("early_stopping", value.GetString()!, "never"),
            _ => throw Problems.WrongType("early_stopping", "a boolean or 'never'", WireJson.Kind(value)),
        };
    }

    private static StreamOptions Streaming(JsonFields fields)
    {
        var stream = fields.Flag("stream") ?? false;
        if (fields.Object("stream_options") is not { } options) return new StreamOptions(stream, false, false);
        if (!stream) throw Problems.Invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
        return new StreamOptions(true, options.Flag("include_usage") ?? false, options.Flag("include_obfuscation") ?? false);
    }

    private static ImmutableArray<string> Stops(JsonFields fields)
    {
        if (!fields.TryGet("stop", out var value)) return [];
        if (value.ValueKind == JsonValueKind.String) return [Stop(value, "stop")];
        if (value.ValueKind != JsonValueKind.Array) throw Problems.WrongType("stop", "a string or an array of strings", WireJson.Kind(value));
        var count = value.GetArrayLength();
        if (count > MaxStops) throw Problems.ArrayTooLong("stop", MaxStops, count);
        return [.. value.EnumerateArray().Select((item, at) => Stop(item, $"stop[{at}]"))];
    }

    private static string Stop(JsonElement value, string path)
    {
        var text = JsonFields.AsText(value, path);
        return text.Length > 0 ? text : throw Problems.Invalid(path, $"Invalid '{path}': a stop sequence cannot be empty.");
    }

    private static ProblemException OnlyWithBeams(string name) => Problems.Invalid(name, $"Invalid '{name}': it is only allowed when 'use_beam_search' is enabled.");

    private static ProblemException NotWithBeams(string name) =>
        Problems.Invalid(name, $"Invalid '{name}': a beam search follows the model's own distribution, so it is not allowed when 'use_beam_search' is enabled.");
}
