using System.Text.Json;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;

namespace Gateway.Worker.Requests;

/// <summary>Fields that do not change the text: checked, so that a wrong one is not ignored in silence.</summary>
internal static class SharedFields
{
    public static void CheckModel(JsonFields fields, IServedModel model)
    {
        var asked = fields.Text("model");
        if (string.IsNullOrEmpty(asked)) throw Problems.NoModel();
        if (asked != model.Name) throw Problems.UnknownModel(asked);
    }

    public static void CheckMetadata(JsonFields fields)
    {
        if (fields.Object("metadata") is not { } metadata) return;
        var count = metadata.Element.EnumerateObject().Count();
        if (count > 16) throw Problems.TooManyProperties("metadata", 16, count);
        foreach (var entry in metadata.Element.EnumerateObject())
        {
            if (entry.Name.Length > 64)
                throw Problems.Invalid("metadata", $"Invalid 'metadata': a key is too long. Expected at most 64 characters, but got {entry.Name.Length} instead.");
            var text = JsonFields.AsText(entry.Value, $"metadata.{entry.Name}");
            if (text.Length > 512) throw Problems.TextTooLong($"metadata.{entry.Name}", 512, text.Length);
        }
    }

    /// <summary>Refuses what the contract knows and this model cannot do; empty and false ask for nothing.</summary>
    public static void Refuse(JsonFields fields, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!fields.TryGet(name, out var value)) continue;
            var asksNothing = value.ValueKind switch
            {
                JsonValueKind.False => true,
                JsonValueKind.Array => value.GetArrayLength() == 0,
                JsonValueKind.String => value.ValueEquals(""u8),
                _ => false,
            };
            if (!asksNothing) throw Problems.Unsupported(fields.PathOf(name));
        }
    }
}
