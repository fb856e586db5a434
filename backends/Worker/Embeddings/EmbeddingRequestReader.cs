using System.Text.Json;
using Gateway.Engine.Encoders;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Embeddings;

/// <summary>The one place that understands an embedding request.</summary>
internal static class EmbeddingRequestReader
{
    private const int MaxInputs = 2048; // of the contract, texts and ids alike

    public static EmbeddingCall Read(JsonFields fields, LoadedEncoder model)
    {
        SharedFields.CheckModel(fields, model);
        fields.Text("user");
        var base64 = fields.OneOf("encoding_format", "float", "base64") == "base64";
        var width = model.Backend.Width;
        var dimensions = (int?)fields.Integer("dimensions", 1, width);
        var cut = InputLimit.Read(fields, model);
        var prompt = Prompt(fields, model);
        if (!fields.TryGet("input", out var input)) throw Problems.Missing("input");
        return new EmbeddingCall([.. Inputs(input, prompt, cut, model)], dimensions == width ? null : dimensions, base64);
    }

    private static IEnumerable<EncoderInput> Inputs(JsonElement input, string? prompt, InputLimit limit, LoadedEncoder model)
    {
        const string forms = "a string, an array of strings, an array of token ids, or an array of arrays of token ids";
        if (input.ValueKind == JsonValueKind.String) return [Text(input, "input", prompt, limit, model)];
        if (input.ValueKind != JsonValueKind.Array) throw Problems.WrongType("input", forms, WireJson.Kind(input));
        var count = input.GetArrayLength();
        if (count == 0) throw Problems.EmptyArray("input");
        if (count > MaxInputs) throw Problems.ArrayTooLong("input", MaxInputs, count);
        return input[0].ValueKind switch
        {
            JsonValueKind.Number => [Ids(input, "input", prompt, limit, model)],
            JsonValueKind.String => input.EnumerateArray().Select((item, at) => Text(item, $"input[{at}]", prompt, limit, model)),
            JsonValueKind.Array => input.EnumerateArray().Select((item, at) => item.ValueKind == JsonValueKind.Array
                ? Ids(item, $"input[{at}]", prompt, limit, model)
                : throw Problems.WrongType($"input[{at}]", "an array of token ids", WireJson.Kind(item))),
            _ => throw Problems.WrongType("input[0]", "a string, a token id, or an array of token ids", WireJson.Kind(input[0])),
        };
    }

    private static EncoderInput Text(JsonElement item, string path, string? prompt, InputLimit limit, LoadedEncoder model)
    {
        var text = JsonFields.AsText(item, path);
        if (text.Length == 0) throw Problems.Invalid(path, $"Invalid '{path}': input cannot be an empty string.");
        return limit.Apply(model.Framing.Text(text, prompt ?? model.Prompt(model.Folder.DefaultPrompt) ?? "", limit.Tokens), path, model);
    }

    private static EncoderInput Ids(JsonElement array, string path, string? prompt, InputLimit limit, LoadedEncoder model)
    {
        var count = array.GetArrayLength();
        if (count == 0) throw Problems.EmptyArray(path);
        if (count > MaxInputs) throw Problems.ArrayTooLong(path, MaxInputs, count);
        if (prompt is not null) throw Problems.Invalid("prompt_name", "Invalid 'prompt_name': a prompt goes before text, not before token ids.");
        var last = model.Backend.Card.Vocabulary - 1;
        var ids = array.EnumerateArray().Select((id, at) => (int)JsonFields.AsInteger(id, $"{path}[{at}]", 0, last)).ToArray();
        return limit.Apply(model.Framing.Tokens(ids, limit.Tokens), path, model);
    }

    private static string? Prompt(JsonFields fields, LoadedEncoder model)
    {
        if (fields.Text("prompt_name") is not { } name) return null;
        var names = model.Folder.Prompts.Keys.Order(StringComparer.Ordinal).ToArray();
        return model.Prompt(name) ?? throw (names.Length == 0
            ? Problems.Unsupported("prompt_name", "It has no prompts.")
            : Problems.NotOneOf("prompt_name", name, names));
    }
}
