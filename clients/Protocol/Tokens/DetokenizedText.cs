using System.Text.Json.Serialization;

namespace Gateway.Protocol.Tokens;

/// <summary>The text of tokens, special ones included.</summary>
public sealed record DetokenizedText(string Prompt)
{
    /// <summary>From the header <c>x-request-id</c>.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }
}
