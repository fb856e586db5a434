using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>A request to <c>POST /v1/chat/completions</c>. Null is left out and means the server's default.</summary>
public sealed record ChatRequest(string Model, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>Most tokens of the answer.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>The older name of <see cref="MaxCompletionTokens"/>; where both are set the smaller holds.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>0 to 2; 0 is greedy.</summary>
    public double? Temperature { get; init; }

    /// <summary>0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Answers to make.</summary>
    public int? N { get; init; }

    /// <summary>Up to four texts that end an answer.</summary>
    [JsonConverter(typeof(OneOrManyConverter))]
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>Same seed and request: same answer.</summary>
    public long? Seed { get; init; }

    /// <summary>−2 to 2.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>−2 to 2.</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>Token id to bias, −100 to 100.</summary>
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }

    /// <summary>Whether to report log-probabilities.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>Alternatives for each token, 0 to 20.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Set by the client's streaming methods.</summary>
    public bool? Stream { get; init; }

    /// <summary>Only with <see cref="Stream"/>.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Tools that the model may call.</summary>
    public IReadOnlyList<ChatTool>? Tools { get; init; }

    /// <summary><c>"none"</c>, <c>"auto"</c>, <c>"required"</c>, or an object that names a tool.</summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Whether one answer may hold several calls.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary><c>{"type":"text"}</c>, <c>json_object</c> or <c>json_schema</c> with its schema.</summary>
    public JsonElement? ResponseFormat { get; init; }

    /// <summary>Whether the server keeps the answer for later.</summary>
    public bool? Store { get; init; }

    /// <summary>Up to 16 pairs that a kept answer can be found by.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The caller's own name for its user.</summary>
    public string? User { get; init; }

    /// <summary>Everything else, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>Options of a stream.</summary>
/// <param name="IncludeUsage">Whether the last chunk reports usage.</param>
/// <param name="IncludeObfuscation">False asks a hosted service not to pad its chunks.</param>
public sealed record StreamOptions(bool IncludeUsage, bool? IncludeObfuscation = null);
