using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>One text for each value, so that values are equal when their texts are: numbers by their value, objects whatever their order.</summary>
internal static class Canonical
{
    public static string Of(JsonNode? value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    private static void Write(JsonNode? value, StringBuilder text)
    {
        switch (value)
        {
            case JsonObject obj:
                text.Append('{');
                foreach (var (name, inner) in obj.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
                {
                    Write(name, text);
                    Write(inner, text.Append(':'));
                }

                text.Append('}');
                break;
            case JsonArray array:
                text.Append('[');
                foreach (var inner in array) Write(inner, text);
                text.Append(']');
                break;
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                var written = number.ToJsonString();
                if (ExactNumber.Parse(written) is { } exact) text.Append(CultureInfo.InvariantCulture, $"{exact.Unscaled}e-{exact.Scale} ");
                else text.Append(written).Append(' ');
                break;
            case JsonValue some when some.GetValueKind() == JsonValueKind.String:
                Write(some.GetValue<string>(), text);
                break;
            default:
                text.Append(value?.ToJsonString() ?? "null").Append(' ');
                break;
        }
    }

    // The length keeps neighbours apart without escapes.
    private static void Write(string some, StringBuilder text) => text.Append(CultureInfo.InvariantCulture, $"\"{some.Length}:").Append(some);
}
