using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Completions;

/// <summary>What a completion continues, in one of the wire's four forms; exactly one property is set.</summary>
[JsonConverter(typeof(CompletionPromptConverter))]
public sealed record CompletionPrompt
{
    /// <summary>One text.</summary>
    public string? Text { get; init; }

    /// <summary>Several texts, each continued.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>One text as token ids.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Several texts as token ids.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? TokenLists { get; init; }

    /// <summary>One text.</summary>
    public static implicit operator CompletionPrompt(string text) => FromText(text);

    /// <summary>One text.</summary>
    public static CompletionPrompt FromText(string text) => new() { Text = text };
}

/// <summary>The first element of an array tells its form; an array must keep to it.</summary>
internal sealed class CompletionPromptConverter : JsonConverter<CompletionPrompt>
{
    public override CompletionPrompt Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return CompletionPrompt.FromText(reader.GetString()!);
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("A prompt is a string, or an array of strings, tokens or token arrays.");
        var first = reader;
        first.Read();
        var wire = ProtocolJson.Wire;
        return first.TokenType switch
        {
            JsonTokenType.Number => new() { Tokens = JsonSerializer.Deserialize(ref reader, wire.IReadOnlyListInt32) },
            JsonTokenType.StartArray => new() { TokenLists = JsonSerializer.Deserialize(ref reader, wire.IReadOnlyListIReadOnlyListInt32) },
            _ => new() { Texts = JsonSerializer.Deserialize(ref reader, wire.IReadOnlyListString) },
        };
    }

    public override void Write(Utf8JsonWriter writer, CompletionPrompt value, JsonSerializerOptions options)
    {
        var wire = ProtocolJson.Wire;
        if (value.Tokens is { } tokens) JsonSerializer.Serialize(writer, tokens, wire.IReadOnlyListInt32);
        else if (value.TokenLists is { } lists) JsonSerializer.Serialize(writer, lists, wire.IReadOnlyListIReadOnlyListInt32);
        else if (value.Texts is { } texts) JsonSerializer.Serialize(writer, texts, wire.IReadOnlyListString);
        else writer.WriteStringValue(value.Text);
    }
}
