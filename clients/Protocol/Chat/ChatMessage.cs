using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, <c>tool</c> or the old <c>function</c>.</param>
/// <param name="Content">What it says; null only for an assistant that calls tools, and then it is written as null.</param>
public sealed record ChatMessage(string Role, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatContent? Content)
{
    /// <summary>Tells apart speakers of one role.</summary>
    public string? Name { get; init; }

    /// <summary>Of an assistant's message: the calls it made.</summary>
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }

    /// <summary>Of a tool's message: the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Everything else, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>A user's message.</summary>
    public static ChatMessage User(string content) => new("user", content);

    /// <summary>A system message.</summary>
    public static ChatMessage System(string content) => new("system", content);

    /// <summary>An assistant's message.</summary>
    public static ChatMessage Assistant(string content) => new("assistant", content);

    /// <summary>The result of a tool call.</summary>
    public static ChatMessage Tool(string toolCallId, string content) => new("tool", content) { ToolCallId = toolCallId };
}
