using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>The answer of <c>GET /v1/chat/completions</c>: answers that were kept.</summary>
/// <param name="Data">A page of them.</param>
/// <param name="FirstId">Of the page; null where it is empty.</param>
/// <param name="LastId">Of the page, and what the next one is asked to come after.</param>
/// <param name="HasMore">Whether there is a next one.</param>
public sealed record ChatCompletionList(
    IReadOnlyList<ChatCompletion> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId,
    bool HasMore)
{
    /// <summary>Always <c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "list";
}

/// <summary>A message of the request whose answer was kept.</summary>
/// <param name="Id">The completion's id and the message's place.</param>
/// <param name="Role">Who said it.</param>
/// <param name="Content">A text; null where it came in parts, or where an assistant only called tools.</param>
/// <param name="ContentParts">The parts of a content that came in parts.</param>
/// <param name="Name">Tells apart speakers of one role.</param>
public sealed record StoredChatMessage(
    string Id,
    string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<ChatContentPart>? ContentParts = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Name = null)
{
    /// <summary>Of an assistant's message: the calls it made.</summary>
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }

    /// <summary>Of a tool's message: the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Everything else.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>The answer of <c>GET /v1/chat/completions/{id}/messages</c>.</summary>
public sealed record StoredChatMessageList(
    IReadOnlyList<StoredChatMessage> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId,
    bool HasMore)
{
    /// <summary>Always <c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "list";
}

/// <summary>The request of <c>POST /v1/chat/completions/{id}</c>.</summary>
/// <param name="Metadata">Takes the place of what was there.</param>
public sealed record ChatMetadataUpdate(IReadOnlyDictionary<string, string> Metadata);

/// <summary>The answer of <c>DELETE /v1/chat/completions/{id}</c>.</summary>
public sealed record ChatCompletionDeleted(string Id, bool Deleted)
{
    /// <summary>Always <c>chat.completion.deleted</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "chat.completion.deleted";
}
