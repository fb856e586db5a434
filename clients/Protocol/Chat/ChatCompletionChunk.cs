using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>One event of a streamed chat completion. Id, time and model are the same in all of a stream.</summary>
public sealed record ChatCompletionChunk(
    [property: JsonPropertyOrder(-2)] string Id, long Created, string Model, IReadOnlyList<ChatChunkChoice> Choices, string? SystemFingerprint = null, string? ServiceTier = null)
{
    /// <summary>Always <c>chat.completion.chunk</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "chat.completion.chunk";

    /// <summary>On the last chunk, which has no choices, when the request asked for it.</summary>
    [JsonIgnore]
    public Usage? Usage { get; init; }

    /// <summary>Whether the request asked for usage: then every chunk has the key, null but on the last.</summary>
    [JsonIgnore]
    public bool WritesUsage { get; init; }

    /// <summary>The header <c>x-request-id</c> of the answer, set by the client; not part of the JSON.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }

    [JsonInclude, JsonPropertyName("usage"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal UsageField WireUsage { get => new(Usage, WritesUsage || Usage is not null); init => (Usage, WritesUsage) = (value.Value, value.IsPresent); }
}

/// <summary>What is new of one answer.</summary>
public sealed record ChatChunkChoice(
    int Index,
    ChatDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);
