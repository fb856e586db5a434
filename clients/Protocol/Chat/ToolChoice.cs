using System.Buffers;
using System.Text.Json;

namespace Gateway.Protocol.Chat;

/// <summary>Values of <see cref="ChatRequest.ToolChoice"/>.</summary>
public static class ToolChoice
{
    /// <summary>No tool is called.</summary>
    public static JsonElement None { get; } = Json(static json => json.WriteStringValue("none"u8));

    /// <summary>The model decides.</summary>
    public static JsonElement Auto { get; } = Json(static json => json.WriteStringValue("auto"u8));

    /// <summary>Some tool is called.</summary>
    public static JsonElement Required { get; } = Json(static json => json.WriteStringValue("required"u8));

    /// <summary>This function is called.</summary>
    public static JsonElement Function(string name) => Json(json => Named(json, "function", name));

    /// <summary>This custom tool is called.</summary>
    public static JsonElement Custom(string name) => Json(json => Named(json, "custom", name));

    /// <summary>Of these tools one may be called, or has to be.</summary>
    public static JsonElement Allowed(IEnumerable<ChatTool> tools, bool required) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "allowed_tools"u8);
        json.WriteStartObject("allowed_tools"u8);
        json.WriteString("mode"u8, required ? "required"u8 : "auto"u8);
        json.WriteStartArray("tools"u8);
        foreach (var tool in tools) Named(json, tool.Type, (tool.Function?.Name ?? tool.Custom?.Name)!);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void Named(Utf8JsonWriter json, string type, string name)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        json.WriteString("name"u8, name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}
