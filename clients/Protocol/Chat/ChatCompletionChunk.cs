using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>One event of a streamed chat completion. Id, time and model are the same in all of a stream.</summary>
public sealed record ChatCompletionChunk(string Id, long Created, string Model, IReadOnlyList<ChatChunkChoice> Choices, string? SystemFingerprint = null, string? ServiceTier = null)
{
    /// <summary>Always <c>chat.completion.chunk</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "chat.completion.chunk";

    /// <summary>On the last chunk, which has no choices, when the request asked for it.</summary>
    public Usage? Usage { get; init; }
}

/// <summary>What is new of one answer.</summary>
public sealed record ChatChunkChoice(
    int Index,
    ChatDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <summary>The role comes once, in the first chunk of a choice; the last one is empty.</summary>
public sealed record ChatDelta(string? Role = null, string? Content = null);
