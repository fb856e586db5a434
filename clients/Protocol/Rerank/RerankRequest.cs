using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Rerank;

/// <summary>A request to <c>POST /v1/rerank</c>, in the shape that Cohere and Jina share. Null is left out and means the server's default.</summary>
public sealed record RerankRequest(string Model, string Query, IReadOnlyList<RerankDocument> Documents)
{
    /// <summary>How many results to give; all where null.</summary>
    public int? TopN { get; init; }

    /// <summary>Whether results repeat their texts.</summary>
    public bool? ReturnDocuments { get; init; }

    /// <summary>Whether scores stay logits instead of 0 to 1. An extension.</summary>
    public bool? RawScores { get; init; }

    /// <summary>Everything else, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
