using System.Text.Json.Serialization;

namespace Gateway.Protocol.Embeddings;

/// <summary>An answer of <c>POST /v1/embeddings</c>.</summary>
public sealed record EmbeddingList(IReadOnlyList<Embedding> Data, string Model, EmbeddingUsage Usage)
{
    /// <summary>Always <c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "list";

    /// <summary>The header <c>x-request-id</c> of the answer, set by the client; not part of the JSON.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }
}

/// <summary>One vector.</summary>
/// <param name="Index">Place of its text in the request.</param>
/// <param name="Vector">The numbers, whichever way they came; written as numbers.</param>
public sealed record Embedding(int Index, [property: JsonPropertyName("embedding"), JsonConverter(typeof(VectorConverter))] ReadOnlyMemory<float> Vector)
{
    /// <summary>Always <c>embedding</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "embedding";
}

/// <summary>Tokens of a call that generates nothing.</summary>
/// <param name="PromptTokens">Tokens of all inputs, the special ones included.</param>
/// <param name="TotalTokens">The same.</param>
public sealed record EmbeddingUsage(int PromptTokens, int TotalTokens);
