using System.Text.Json;

namespace Gateway.Worker.Requests;

/// <summary>Token ids on the wire.</summary>
internal static class TokenIds
{
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<int> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
    }
}
