using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary>The one place that understands a legacy completion request.</summary>
internal static class CompletionRequestReader
{
    /// <summary>Prompts times candidates of one call; the engine's inbox takes as many, so that an idle worker never answers 429.</summary>
    public const int MaxSequences = 1024;

    private const int DefaultMaxTokens = 16;

    public static CompletionCall Read(JsonElement body, LoadedModel model)
    {
        var fields = JsonFields.Of(body);
        SharedFields.CheckModel(fields, model);
        fields.Text("user");
        SharedFields.Refuse(fields, "suffix");
        var streaming = SamplingReader.Streaming(fields);
        var logProbs = (int?)fields.Integer("logprobs", 0, 5);
        var choices = (int)(fields.Integer("n", 1, 128) ?? 1);
        var bestOf = (int)(fields.Integer("best_of", 0, 20) ?? choices);
        if (bestOf < choices) throw Problems.Invalid("best_of", $"Invalid 'best_of': it must be at least 'n' ({choices}), but got {bestOf} instead.");
        if (bestOf > choices && streaming.Stream) throw Problems.Invalid("best_of", "Invalid 'best_of': candidates cannot be compared in a stream.");
        var sampling = SamplingReader.Read(fields, model, logProbs ?? (bestOf > choices ? 0 : null));
        var most = fields.Integer("max_tokens", 0, long.MaxValue) ?? DefaultMaxTokens;
        var stops = SamplingReader.Stops(fields);
        var ends = SamplingReader.EndTokens(fields, model);
        var echo = fields.Flag("echo") ?? false;
        var prompts = Prompts(fields, model);
        if ((long)prompts.Count * bestOf > MaxSequences)
            throw Problems.Invalid("prompt", $"{prompts.Count} prompts with {bestOf} candidates each are more than the {MaxSequences} sequences allowed in one call.");
        foreach (var prompt in prompts)
        {
            if (prompt.Ids.Length >= model.Context) throw Problems.ContextExceeded("prompt", model.Context, prompt.Ids.Length);
        }

        return new CompletionCall(
            [.. prompts.Select(prompt => new GenerationRequest(
                prompt.Ids, sampling, (int)Math.Min(most, model.Context - prompt.Ids.Length), ends, echo ? logProbs : null))],
            echo ? [.. prompts.Select(prompt => prompt.Text ?? model.Tokenizer.Decode(prompt.Ids, skipSpecialTokens: true))] : [],
            choices, bestOf, stops, streaming, logProbs);
    }

    private static List<(int[] Ids, string? Text)> Prompts(JsonFields fields, LoadedModel model)
    {
        if (!fields.TryGet("prompt", out var prompt)) return [(Start(model), null)];
        if (prompt.ValueKind == JsonValueKind.String) return [Text(prompt.GetString()!, model)];
        if (prompt.ValueKind != JsonValueKind.Array)
            throw Problems.WrongType("prompt", "a string, an array of strings, an array of token ids, or an array of arrays of token ids", WireJson.Kind(prompt));
        var count = prompt.GetArrayLength();
        if (count == 0) throw Problems.EmptyArray("prompt");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [(Ids(prompt, "prompt", model), null)];
        if (count > MaxSequences) throw Problems.ArrayTooLong("prompt", MaxSequences, count);
        return [.. prompt.EnumerateArray().Select((item, at) => item.ValueKind == JsonValueKind.Array && prompt[0].ValueKind == JsonValueKind.Array
            ? (Ids(item, $"prompt[{at}]", model), (string?)null)
            : Text(JsonFields.AsText(item, $"prompt[{at}]"), model))];
    }

    private static (int[] Ids, string? Text) Text(string text, LoadedModel model)
    {
        var ids = model.Tokenizer.Encode(text);
        return (ids.Length > 0 ? ids : Start(model), text);
    }

    private static int[] Ids(JsonElement array, string path, LoadedModel model)
    {
        if (array.GetArrayLength() == 0) throw Problems.EmptyArray(path);
        var last = model.Backend.Card.Vocabulary - 1;
        return [.. array.EnumerateArray().Select((id, at) => (int)JsonFields.AsInteger(id, $"{path}[{at}]", 0, last))];
    }

    // Without a prompt a model begins as after the end of a document.
    private static int[] Start(LoadedModel model) => model.Tokenizer.TryGetId("<|endoftext|>", out var id) ? [id]
        : model.Defaults.EndTokens is [var end, ..] ? [end]
        : throw Problems.Missing("prompt");
}
