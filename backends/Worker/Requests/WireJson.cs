using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Worker.Requests;

/// <summary>How the worker reads and writes JSON.</summary>
internal static class WireJson
{
    /// <summary>Deepest nesting read. The deepest shape of the contract, a tool's schema aside, is eight.</summary>
    public const int MaxDepth = 64;

    public static JsonDocumentOptions Reading { get; } = new() { MaxDepth = MaxDepth };

    /// <summary>Answers are never HTML: text leaves as UTF-8, not as escapes of six bytes a character.</summary>
    public static JsonWriterOptions Writing { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The kind of a value as error messages say it.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => IsWhole(value) ? "an integer" : "a decimal",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "an empty array" : "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    /// <summary>Whole numbers also arrive as <c>1.0</c> or <c>1e2</c>.</summary>
    public static bool IsWhole(JsonElement number) => number.GetDouble() is var value && (double.IsInfinity(value) || Math.Floor(value) == value);
}
