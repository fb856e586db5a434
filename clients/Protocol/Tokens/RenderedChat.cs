using System.Text.Json.Serialization;

namespace Gateway.Protocol.Tokens;

/// <summary>A conversation as the model's template writes it.</summary>
/// <param name="Prompt">The text.</param>
/// <param name="Count">How many tokens it has.</param>
/// <param name="MaxModelLen">Most tokens that the model takes, prompt and answer together.</param>
/// <param name="Tokens">Their ids.</param>
public sealed record RenderedChat(string Prompt, int Count, int MaxModelLen, IReadOnlyList<int> Tokens)
{
    /// <summary>From the header <c>x-request-id</c>.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }
}
