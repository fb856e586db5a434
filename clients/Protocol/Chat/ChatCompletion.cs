using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>A plain answer of <c>POST /v1/chat/completions</c>.</summary>
public sealed record ChatCompletion([property: JsonPropertyOrder(-2)] string Id, long Created, string Model, IReadOnlyList<ChatChoice> Choices, Usage? Usage, string? SystemFingerprint = null, string? ServiceTier = null)
{
    /// <summary>Always <c>chat.completion</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "chat.completion";

    /// <summary>Of an answer that was kept.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The header <c>x-request-id</c> of the answer, set by the client; not part of the JSON.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }
}

/// <summary>One answer.</summary>
/// <param name="Index">Which of the <c>n</c>.</param>
/// <param name="Message">What the assistant said.</param>
/// <param name="Logprobs">Present when asked for.</param>
/// <param name="FinishReason"><c>stop</c>, <c>length</c>, <c>tool_calls</c>, <c>content_filter</c> or <c>function_call</c>.</param>
public sealed record ChatChoice(
    int Index,
    ChatAnswer Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <summary>The assistant's message.</summary>
public sealed record ChatAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null)
{
    /// <summary>Always <c>assistant</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Role { get; init; } = "assistant";

    /// <summary>Sources of the answer; empty for a model without search.</summary>
    public IReadOnlyList<JsonElement> Annotations { get; init; } = [];

    /// <summary>Calls that the assistant wants made; absent when there are none.</summary>
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }

    /// <summary>Thoughts, sound and whatever is newer than this record.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>Log-probabilities of an answer.</summary>
public sealed record ChatLogprobs(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<TokenLogprob>? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<TokenLogprob>? Refusal = null);

/// <summary>A token, its natural log-probability and its bytes; a token may be half a character, and the bytes are what rebuilds the text.</summary>
public sealed record TokenLogprob(string Token, double Logprob, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<int>? Bytes)
{
    /// <summary>The most likely tokens, descending; absent inside such a list.</summary>
    public IReadOnlyList<TokenLogprob>? TopLogprobs { get; init; }
}
