using System.Text.Json.Serialization;
using Gateway.Protocol.Embeddings;

namespace Gateway.Protocol.Rerank;

/// <summary>An answer of <c>POST /v1/rerank</c>.</summary>
/// <param name="Id">Of this answer.</param>
/// <param name="Model">What ranked.</param>
/// <param name="Results">The best first.</param>
/// <param name="Usage">Tokens of all pairs.</param>
public sealed record RerankAnswer(string Id, string Model, IReadOnlyList<RerankResult> Results, EmbeddingUsage Usage)
{
    /// <summary>The header <c>x-request-id</c> of the answer, set by the client; not part of the JSON.</summary>
    [JsonIgnore]
    public string? RequestId { get; init; }
}

/// <summary>One document's score.</summary>
/// <param name="Index">Its place in the request.</param>
/// <param name="RelevanceScore">0 to 1, or a logit where raw scores were asked for.</param>
/// <param name="Document">Its text where asked for.</param>
public sealed record RerankResult(int Index, float RelevanceScore, RerankDocument? Document = null);
