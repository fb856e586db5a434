using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary>The one place that understands a legacy completion request.</summary>
internal static class CompletionRequestReader
{
    private const int DefaultTokens = 16; // the contract's
    private const int MaxSequences = 2048; // prompts times candidates of one call

    public static CompletionCall Read(JsonElement root, LoadedModel model)
    {
        var fields = JsonFields.Of(root);
        if (fields.Text("suffix") is { Length: > 0 }) throw Problems.Unsupported("suffix");
        CommonFields.CheckRecords(fields);
        var (stream, usage) = CommonFields.Streaming(fields);
        var logProbs = (int?)fields.Integer("logprobs", 0, 5);
        var echo = fields.Flag("echo") ?? false;
        var choices = CommonFields.Choices(fields);
        var bestOf = (int)(fields.Integer("best_of", 1, 20) ?? choices);
        if (bestOf < choices) throw Problems.Invalid("best_of", $"'best_of' ({bestOf}) must be at least 'n' ({choices}).");
        if (bestOf > choices && stream) throw Problems.Invalid("best_of", "'best_of' above 'n' cannot be streamed.");
        var sampling = CommonFields.Sampling(fields, model, logProbs ?? (bestOf > choices ? 0 : null));
        var stops = CommonFields.Stops(fields);
        var most = (int)(fields.Integer("max_tokens", 0, int.MaxValue) ?? DefaultTokens);

        var prompts = Prompts(fields, model);
        if ((long)prompts.Count * bestOf > MaxSequences) throw Problems.Invalid("n", $"{prompts.Count} prompts with {bestOf} candidates each are more than the {MaxSequences} sequences allowed in one call.");
        var requests = new List<GenerationRequest>();
        foreach (var prompt in prompts)
        {
            var room = CommonFields.Room(most, prompt.Length, model, "prompt");
            for (var i = 0; i < bestOf; i++)
                requests.Add(new GenerationRequest(prompt, sampling with { Seed = sampling.Seed is { } seed ? unchecked(seed + i) : null }, room, model.Defaults.EndTokens, echo ? logProbs : null));
        }

        return new CompletionCall(prompts, requests, choices, bestOf, stops, stream, usage, logProbs, echo);
    }

    /// <summary>A text, texts, ids, or lists of ids.</summary>
    private static List<int[]> Prompts(JsonFields fields, LoadedModel model)
    {
        if (!fields.TryGet("prompt", out var prompt)) return [Encode("<|endoftext|>", model)];
        if (prompt.ValueKind == JsonValueKind.String) return [Encode(prompt.GetString()!, model)];
        if (prompt.ValueKind != JsonValueKind.Array) throw Problems.WrongType("prompt", "a string, an array of strings, an array of token ids or an array of such arrays", WireJson.Kind(prompt));
        if (prompt.GetArrayLength() == 0) throw Problems.EmptyArray("prompt");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [Ids(prompt, "prompt", model)];
        return [.. prompt.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Array ? Ids(item, $"prompt[{i}]", model) : Encode(JsonFields.AsText(item, $"prompt[{i}]"), model))];
    }

    private static int[] Encode(string text, LoadedModel model)
    {
        var ids = model.Tokenizer.Encode(text);
        if (ids.Length > 0) return ids;
        // Something must come first: the token that ends a text also begins one.
        return model.Defaults.EndTokens is [var end, ..] ? [end] : throw Problems.Invalid("prompt", "The prompt is empty.");
    }

    private static int[] Ids(JsonElement array, string path, LoadedModel model)
    {
        if (array.GetArrayLength() == 0) throw Problems.EmptyArray(path);
        return [.. array.EnumerateArray().Select((item, i) => (int)JsonFields.AsInteger(item, $"{path}[{i}]", 0, model.Backend.Card.Vocabulary - 1))];
    }
}
