using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Worker.Requests;

/// <summary>A mutable copy of a value in which the last of duplicate keys wins; <see cref="JsonNode"/>'s own copy throws at them, late.</summary>
internal static class JsonCopy
{
    public static JsonNode? Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (var entry in value.EnumerateObject()) copy[entry.Name] = Of(entry.Value);
                return copy;
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(Of)]);
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return null;
            default:
                return JsonValue.Create(value.Clone());
        }
    }
}
