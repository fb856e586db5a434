using System.Text.Json;

namespace Gateway.Worker.Chat;

/// <summary>Tool calls as the wire has them, whole and in parts.</summary>
/// <param name="legacy">Whether there is one call, and it is a <c>function_call</c>.</param>
internal sealed class CallJson(bool legacy)
{
    public void Whole(Utf8JsonWriter message, IReadOnlyList<ChatToolCall> calls)
    {
        if (calls.Count == 0) return;
        if (legacy)
        {
            message.WriteStartObject("function_call"u8);
            Body(message, calls[0], calls[0].Name, calls[0].Text);
            message.WriteEndObject();
            return;
        }

        message.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
        {
            message.WriteStartObject();
            Head(message, call);
            Inner(message, call, call.Name, call.Text);
            message.WriteEndObject();
        }

        message.WriteEndArray();
    }

    /// <summary>Id, type and name travel once, with the call's first part.</summary>
    public void Delta(Utf8JsonWriter delta, ChatToolCall call, CallPart part)
    {
        if (legacy)
        {
            delta.WriteStartObject("function_call"u8);
            Body(delta, call, part.Opens ? call.Name : null, part.Text);
            delta.WriteEndObject();
            return;
        }

        delta.WriteStartArray("tool_calls"u8);
        delta.WriteStartObject();
        delta.WriteNumber("index"u8, part.Index);
        if (part.Opens) Head(delta, call);
        Inner(delta, call, part.Opens ? call.Name : null, part.Text);
        delta.WriteEndObject();
        delta.WriteEndArray();
    }

    private static void Head(Utf8JsonWriter json, ChatToolCall call)
    {
        json.WriteString("id"u8, call.Id);
        json.WriteString("type"u8, call.IsCustom ? "custom"u8 : "function"u8);
    }

    private static void Inner(Utf8JsonWriter json, ChatToolCall call, string? name, string text)
    {
        json.WriteStartObject(call.IsCustom ? "custom"u8 : "function"u8);
        Body(json, call, name, text);
        json.WriteEndObject();
    }

    private static void Body(Utf8JsonWriter json, ChatToolCall call, string? name, string text)
    {
        if (name is not null) json.WriteString("name"u8, name);
        json.WriteString(call.IsCustom ? "input"u8 : "arguments"u8, text);
    }
}
