using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Embeddings;

/// <summary>A request to <c>POST /v1/embeddings</c>. Null is left out and means the server's default.</summary>
public sealed record EmbeddingRequest(string Model, EmbeddingInput Input)
{
    /// <summary><c>float</c> (the contract's default) or <c>base64</c>, which is a quarter of the bytes and loses nothing; the client asks for it where this is null.</summary>
    public string? EncodingFormat { get; init; }

    /// <summary>Width of the vectors where it is less than the model's.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Whoever the call is for.</summary>
    public string? User { get; init; }

    /// <summary>A prompt of the model to put before the texts, such as <c>query</c>. An extension.</summary>
    public string? PromptName { get; init; }

    /// <summary>Cut texts to this many tokens, −1 for what the model takes; without it a text that is too long is refused. An extension.</summary>
    public int? TruncatePromptTokens { get; init; }

    /// <summary>Everything else, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
