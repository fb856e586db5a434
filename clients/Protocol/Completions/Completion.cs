using System.Text.Json.Serialization;

namespace Gateway.Protocol.Completions;

/// <summary>An answer of <c>POST /v1/completions</c>, or one event of its stream: the shape is the same.</summary>
public sealed record Completion([property: JsonPropertyOrder(-2)] string Id, long Created, string Model, IReadOnlyList<CompletionChoice> Choices, string? SystemFingerprint = null)
{
    /// <summary>Always <c>text_completion</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "text_completion";

    /// <summary>The header <c>x-request-id</c> of the answer, set by the client; not part of the JSON.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }

    /// <summary>In a plain answer, and on the last event of a stream that was asked for it.</summary>
    public Usage? Usage { get; init; }
}

/// <summary>One text.</summary>
/// <param name="Text">All of it, or what is new.</param>
/// <param name="Index">Prompt times <c>n</c> plus choice.</param>
/// <param name="Logprobs">Present when asked for.</param>
/// <param name="FinishReason"><c>stop</c>, <c>length</c> or <c>content_filter</c>; in a stream on the last text.</param>
public sealed record CompletionChoice(
    string Text,
    int Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CompletionLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <summary>Four lists of one entry a token. The first token of a prompt has no probability.</summary>
public sealed record CompletionLogprobs(
    IReadOnlyList<string> Tokens, IReadOnlyList<double?> TokenLogprobs, IReadOnlyList<IReadOnlyDictionary<string, double>?>? TopLogprobs, IReadOnlyList<int> TextOffset);
