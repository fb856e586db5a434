using System.Text.Json.Serialization;

namespace Gateway.Protocol.Tokens;

/// <summary>A text as tokens.</summary>
/// <param name="Count">How many.</param>
/// <param name="MaxModelLen">Most tokens that the model takes, prompt and answer together.</param>
/// <param name="Tokens">Their ids.</param>
/// <param name="TokenStrs">Their entries in the vocabulary, when asked for.</param>
public sealed record TokenizedText(int Count, int MaxModelLen, IReadOnlyList<int> Tokens, IReadOnlyList<string>? TokenStrs = null)
{
    /// <summary>From the header <c>x-request-id</c>.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }
}
