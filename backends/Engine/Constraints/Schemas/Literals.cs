using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Constants as they are written in an answer: strings in their one spelling, numbers as the schema spells them, no white space.</summary>
internal static class Literals
{
    public static byte[] Of(JsonNode? value, SchemaPath path)
    {
        var bytes = new List<byte>();
        Write(value, bytes, path);
        return [.. bytes];
    }

    private static void Write(JsonNode? value, List<byte> bytes, SchemaPath path)
    {
        switch (value)
        {
            case JsonObject obj:
                bytes.Add((byte)'{');
                foreach (var (at, (name, inner)) in obj.Index())
                {
                    if (at > 0) bytes.Add((byte)',');
                    Text(name, bytes);
                    bytes.Add((byte)':');
                    Write(inner, bytes, path);
                }

                bytes.Add((byte)'}');
                break;
            case JsonArray array:
                bytes.Add((byte)'[');
                foreach (var (at, inner) in array.Index())
                {
                    if (at > 0) bytes.Add((byte)',');
                    Write(inner, bytes, path);
                }

                bytes.Add((byte)']');
                break;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                Text(text.GetValue<string>(), bytes);
                break;
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number && ExactNumber.Parse(number.ToJsonString()) is null:
                throw path.Wrong($"the number {number.ToJsonString()} is beyond the range of a double.");
            default:
                bytes.AddRange(Encoding.UTF8.GetBytes(value?.ToJsonString() ?? "null"));
                break;
        }
    }

    private static void Text(string text, List<byte> bytes)
    {
        bytes.Add((byte)'"');
        bytes.AddRange(CharacterWriter.Spelled(text));
        bytes.Add((byte)'"');
    }
}
