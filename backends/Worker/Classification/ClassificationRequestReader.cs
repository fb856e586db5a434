using System.Text.Json;
using Gateway.Engine.Encoders;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Classification;

/// <summary>The one place that understands a classification request: vLLM's shape, and pairs of texts besides.</summary>
internal static class ClassificationRequestReader
{
    private const int MaxInputs = 2048;

    public static ClassificationCall Read(JsonFields fields, LoadedEncoder model)
    {
        SharedFields.CheckModel(fields, model);
        fields.Text("user");
        var limit = InputLimit.Read(fields, model);
        var raw = fields.Flag("raw_scores") ?? false;
        if (!fields.TryGet("input", out var input)) throw Problems.Missing("input");
        if (input.ValueKind != JsonValueKind.Array) return new ClassificationCall([Input(input, "input", limit, model)], raw);
        var count = input.GetArrayLength();
        if (count == 0) throw Problems.EmptyArray("input");
        if (count > MaxInputs) throw Problems.ArrayTooLong("input", MaxInputs, count);
        return new ClassificationCall([.. input.EnumerateArray().Select((item, at) => Input(item, $"input[{at}]", limit, model))], raw);
    }

    private static EncoderInput Input(JsonElement item, string path, InputLimit limit, LoadedEncoder model)
    {
        if (item.ValueKind == JsonValueKind.String) return limit.Apply(model.Framing.Text(item.GetString()!, "", limit.Tokens), path, model);
        if (item.ValueKind != JsonValueKind.Object) throw Problems.WrongType(path, "a string or an object with 'text' and 'text_pair'", WireJson.Kind(item));
        var pair = JsonFields.Of(item, path);
        var (text, second) = (pair.RequiredText("text"), pair.Text("text_pair"));
        return limit.Apply(second is null ? model.Framing.Text(text, "", limit.Tokens) : model.Framing.Pair(text, second, limit.Tokens), path, model);
    }
}
