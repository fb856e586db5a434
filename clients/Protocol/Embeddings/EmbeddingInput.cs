using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Protocol.Completions;

namespace Gateway.Protocol.Embeddings;

/// <summary>What is embedded, in one of the wire's four forms; exactly one property is set.</summary>
[JsonConverter(typeof(EmbeddingInputConverter))]
public sealed record EmbeddingInput
{
    /// <summary>One text.</summary>
    public string? Text { get; init; }

    /// <summary>Several texts.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>One text as token ids.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Several texts as token ids.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? TokenLists { get; init; }

    /// <summary>One text.</summary>
    public static implicit operator EmbeddingInput(string text) => FromText(text);

    /// <summary>One text.</summary>
    public static EmbeddingInput FromText(string text) => new() { Text = text };

    /// <summary>Several texts.</summary>
    public static EmbeddingInput FromTexts(params IReadOnlyList<string> texts) => new() { Texts = texts };
}

/// <summary>The forms are those of a completion's prompt.</summary>
internal sealed class EmbeddingInputConverter : JsonConverter<EmbeddingInput>
{
    public override EmbeddingInput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var same = JsonSerializer.Deserialize(ref reader, ProtocolJson.Wire.CompletionPrompt)!;
        return new() { Text = same.Text, Texts = same.Texts, Tokens = same.Tokens, TokenLists = same.TokenLists };
    }

    public override void Write(Utf8JsonWriter writer, EmbeddingInput value, JsonSerializerOptions options) => JsonSerializer.Serialize(
        writer, new CompletionPrompt { Text = value.Text, Texts = value.Texts, Tokens = value.Tokens, TokenLists = value.TokenLists }, ProtocolJson.Wire.CompletionPrompt);
}
