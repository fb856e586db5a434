using System.Text.Json;

namespace Gateway.StoredCompletions;

/// <summary>One choice of a stream: its deltas become the message.</summary>
internal sealed class ChoiceFold
{
    private readonly GrowingJson message = new();
    private readonly GrowingJson rest = new(); // what stands beside the delta

    public bool Finished { get; private set; }

    /// <returns>About how many bytes it took.</returns>
    public int Take(JsonElement part)
    {
        var taken = 0;
        foreach (var member in part.EnumerateObject())
        {
            if (member.NameEquals("delta"u8)) taken += message.Take(member.Value, "");
            else if (!member.NameEquals("index"u8)) taken += rest.Member(member.Name).Take(member.Value, member.Name);
            if (member.NameEquals("finish_reason"u8) && member.Value.ValueKind == JsonValueKind.String) Finished = true;
        }

        return taken;
    }

    public void Write(Utf8JsonWriter json, int index)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        // A message that only calls has no content; its stream may have opened with an empty one.
        var calls = message.Has("tool_calls") || message.Has("function_call");
        if (!message.Has("content") || (calls && message.Member("content").IsEmptyText)) json.WriteNull("content"u8);
        else Write(json, "content", message.Member("content"));
        if (!message.Has("refusal")) json.WriteNull("refusal"u8);
        if (!message.Has("annotations"))
        {
            json.WriteStartArray("annotations"u8);
            json.WriteEndArray();
        }

        foreach (var (name, value) in message.Members.Where(member => member.Key is not ("role" or "content"))) Write(json, name, value);
        json.WriteEndObject();
        if (!rest.Has("logprobs")) json.WriteNull("logprobs"u8);
        foreach (var (name, value) in rest.Members) Write(json, name, value);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, GrowingJson value)
    {
        json.WritePropertyName(name);
        value.Write(json);
    }
}
