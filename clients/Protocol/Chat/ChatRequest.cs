using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>A request to <c>POST /v1/chat/completions</c>. Null is left out and means the server's default.</summary>
public sealed record ChatRequest(string Model, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>Most tokens of the answer.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>0 to 2; 0 is greedy.</summary>
    public double? Temperature { get; init; }

    /// <summary>0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Answers to make.</summary>
    public int? N { get; init; }

    /// <summary>Up to four texts that end an answer.</summary>
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

    /// <summary>The caller's own name for its user.</summary>
    public string? User { get; init; }

    /// <summary>Everything else, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>A user's message.</summary>
    public static ChatMessage User(string content) => new("user", content);

    /// <summary>A system message.</summary>
    public static ChatMessage System(string content) => new("system", content);

    /// <summary>An assistant's message.</summary>
    public static ChatMessage Assistant(string content) => new("assistant", content);
}

/// <summary>Options of a stream.</summary>
/// <param name="IncludeUsage">Whether the last chunk reports usage.</param>
public sealed record StreamOptions(bool IncludeUsage);
