using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Completions;

/// <summary>A request to <c>POST /v1/completions</c>. Null is left out and means the server's default.</summary>
public sealed record CompletionRequest(string Model, CompletionPrompt Prompt)
{
    /// <summary>Most tokens of the text; the contract's default is 16.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>0 to 2; 0 is greedy.</summary>
    public double? Temperature { get; init; }

    /// <summary>0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Texts to make.</summary>
    public int? N { get; init; }

    /// <summary>Up to four texts that end the answer.</summary>
    [JsonConverter(typeof(OneOrManyConverter))]
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>Same seed and request: same answer.</summary>
    public long? Seed { get; init; }

    /// <summary>Alternatives for each token, 0 to 5.</summary>
    public int? Logprobs { get; init; }

    /// <summary>Whether the prompt comes back before the text.</summary>
    public bool? Echo { get; init; }

    /// <summary>Set by the client's streaming methods.</summary>
    public bool? Stream { get; init; }

    /// <summary>Only with <see cref="Stream"/>.</summary>
    public Chat.StreamOptions? StreamOptions { get; init; }

    /// <summary>Everything else, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
