using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Constraints;
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

    public static CompletionCall Read(JsonFields fields, LoadedModel model)
    {
        SharedFields.CheckModel(fields, model);
        fields.Text("user");
        var answer = AnswerReader.Read(fields);
        var logProbs = (int?)fields.Integer("logprobs", 0, 5);
        var most = fields.Integer("max_tokens", 0, long.MaxValue) ?? DefaultMaxTokens;
        var sampling = SamplingReader.Read(fields, model, logProbs ?? (answer.Ranks ? 0 : null)) with { MinTokens = SamplingReader.MinTokens(fields, most) };
        var ends = SamplingReader.EndTokens(fields, model);
        var echo = fields.Flag("echo") ?? false;
        if (answer.Beams is not null && (most == 0 || (echo && logProbs is not null)))
            throw Problems.Invalid("use_beam_search", "Invalid 'use_beam_search': a prompt that is only scored is not searched.");
        var constraint = ConstraintReader.Read(fields, model);
        var prompts = Prompts(fields, model);
        if (fields.Text("suffix") is { Length: > 0 } suffix)
        {
            if (echo) throw Problems.Invalid("echo", "Invalid 'echo': it is not allowed together with 'suffix'.");
            var gap = FillInTheMiddle.Of(model.Tokenizer) ?? throw Problems.Unsupported("suffix", "Its tokenizer has no tokens for filling in the middle.");
            prompts = [.. prompts.Select(prompt => (gap.Around(prompt.Ids, suffix), prompt.Text))];
            ends = [.. ends, .. gap.Ends];
        }

        if ((long)prompts.Count * answer.Candidates > MaxSequences)
            throw Problems.Invalid("prompt", $"{prompts.Count} prompts with {answer.Candidates} candidates each are more than the {MaxSequences} sequences allowed in one call.");
        foreach (var prompt in prompts)
        {
            if (prompt.Ids.Length >= model.Context) throw Problems.ContextExceeded("prompt", model.Context, prompt.Ids.Length);
        }

        return new CompletionCall(
            [.. prompts.Select(prompt => new GenerationRequest(
                prompt.Ids, sampling, (int)Math.Min(most, model.Context - prompt.Ids.Length), ends, echo ? logProbs : null) { Constraint = constraint })],
            echo ? [.. prompts.Select(prompt => prompt.Text ?? model.Tokenizer.Decode(prompt.Ids, skipSpecialTokens: true))] : [],
            answer, logProbs);
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
