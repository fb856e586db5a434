using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Worker.Errors;
using Gateway.Worker.Requests;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>OpenAI's messages → what templates expect: plain text content, <c>developer</c> as <c>system</c>, arguments as objects.</summary>
internal static class MessageReader
{
    public static JsonArray Read(JsonFields fields)
    {
        var messages = fields.Array("messages") ?? throw Problems.Missing("messages");
        if (messages.GetArrayLength() == 0) throw Problems.EmptyArray("messages");
        var read = new JsonArray();
        var open = new HashSet<string>(StringComparer.Ordinal); // tool calls that wait for their results
        var at = 0;
        foreach (var element in messages.EnumerateArray())
        {
            var message = JsonFields.Of(element, $"messages[{at}]");
            var role = message.OneOf("role", "system", "assistant", "user", "function", "tool", "developer") ?? throw Problems.Missing(message.PathOf("role"));
            if (role != "tool" && open.Count > 0) throw Unanswered(at, open);
            if (role == "tool" && !open.Remove(message.RequiredText("tool_call_id")))
                throw Order(at, "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.");
            read.Add((JsonNode)Message(message, role, open));
            at++;
        }

        return open.Count == 0 ? read : throw Unanswered(at, open);
    }

    private static JsonObject Message(JsonFields message, string role, HashSet<string> open)
    {
        var result = new JsonObject { ["role"] = role == "developer" ? "system" : role };
        if (message.Text("name") is { } name) result["name"] = name;
        if (role == "tool") result["tool_call_id"] = message.RequiredText("tool_call_id");
        if (role == "function")
        {
            // The result of a function of old is that of a tool; templates know nothing else.
            result["role"] = "tool";
            result["name"] = message.RequiredText("name");
            result["tool_call_id"] = OldId(message.RequiredText("name"));
        }

        var calls = role == "assistant" ? ToolCalls(message, open) ?? OldCall(message) : null;
        if (calls is not null) result["tool_calls"] = calls;
        if (role == "assistant" && message.Text("reasoning_content") is { } reasoning) result["reasoning_content"] = reasoning;
        var content = Content(message, role);
        if (content is null && role == "assistant") content = message.Text("refusal");
        if (content is null && calls is null) throw Problems.Missing(message.PathOf("content"));
        result["content"] = content ?? "";
        return result;
    }

    private static string? Content(JsonFields message, string role)
    {
        if (!message.TryGet("content", out var content)) return null;
        var path = message.PathOf("content");
        if (content.ValueKind == JsonValueKind.String) return content.GetString();
        if (content.ValueKind != JsonValueKind.Array) throw Problems.WrongType(path, "one of a string or array of objects", WireJson.Kind(content));
        var text = new StringBuilder();
        var at = 0;
        foreach (var element in content.EnumerateArray())
        {
            var part = JsonFields.Of(element, $"{path}[{at++}]");
            var type = part.RequiredText("type");
            if (type is "image_url" or "input_audio" or "file")
                throw Problems.UnsupportedValue(part.PathOf("type"), $"Invalid content part '{part.PathOf("type")}': this model takes only text, not '{type}'.");
            if (type != "text" && !(type == "refusal" && role == "assistant")) throw Problems.NotOneOf(part.PathOf("type"), type, "text");
            text.Append(part.RequiredText(type));
        }

        return text.ToString();
    }

    private static JsonArray? ToolCalls(JsonFields message, HashSet<string> open)
    {
        if (message.Array("tool_calls") is not { } calls || calls.GetArrayLength() == 0) return null;
        var read = new JsonArray();
        foreach (var (at, element) in calls.EnumerateArray().Index()) // to index into an array of objects is to walk it
        {
            var call = JsonFields.Of(element, $"{message.PathOf("tool_calls")}[{at}]");
            open.Add(call.RequiredText("id"));
            var type = call.OneOf("type", "function", "custom") ?? "function";
            var inner = call.Object(type) ?? throw Problems.Missing(call.PathOf(type));
            var arguments = type == "custom" ? new JsonObject { [CustomTool.Input] = inner.RequiredText("input") } : Arguments(inner.RequiredText("arguments"));
            read.Add((JsonNode)Call(call.RequiredText("id"), inner.RequiredText("name"), arguments));
        }

        return read;
    }

    // Its id is made up: only templates that print ids see it.
    private static JsonArray? OldCall(JsonFields message)
    {
        if (message.Object("function_call") is not { } call) return null;
        var name = call.RequiredText("name");
        return new JsonArray(Call(OldId(name), name, Arguments(call.RequiredText("arguments"))));
    }

    private static string OldId(string name) => $"call_{name}";

    private static JsonObject Call(string id, string name, JsonNode arguments) => new()
    {
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
    };

    // On the wire arguments are JSON inside a string; templates print them with tojson and expect the object.
    private static JsonNode Arguments(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text, WireJson.Reading);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? JsonCopy.Of(parsed.RootElement)! : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static ProblemException Unanswered(int at, HashSet<string> open) => Order(
        at, $"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Without a response: {string.Join(", ", open)}");

    private static ProblemException Order(int at, string message) =>
        new(new Problem(StatusCodes.Status400BadRequest, $"Invalid parameter: {message}", $"messages.[{at}].role"));
}
