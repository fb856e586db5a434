using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>What a message says: one text, or parts. Exactly one of the two is set; the wire shows a string or an array.</summary>
[JsonConverter(typeof(ChatContentConverter))]
public sealed record ChatContent
{
    /// <summary>The content as one string.</summary>
    public string? Text { get; private init; }

    /// <summary>The content as parts, in order.</summary>
    public IReadOnlyList<ChatContentPart>? Parts { get; private init; }

    /// <summary>A text.</summary>
    public static implicit operator ChatContent(string text) => FromText(text);

    /// <summary>A text.</summary>
    public static ChatContent FromText(string text) => new() { Text = text };

    /// <summary>Parts.</summary>
    public static ChatContent FromParts(params IReadOnlyList<ChatContentPart> parts) => new() { Parts = parts };
}

/// <summary>A string is a text, an array is parts, anything else is refused.</summary>
internal sealed class ChatContentConverter : JsonConverter<ChatContent>
{
    public override ChatContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => ChatContent.FromText(reader.GetString()!),
        JsonTokenType.StartArray => ChatContent.FromParts(JsonSerializer.Deserialize(ref reader, ProtocolJson.Wire.IReadOnlyListChatContentPart)!),
        _ => throw new JsonException("The content of a message is a string or an array of parts."),
    };

    public override void Write(Utf8JsonWriter writer, ChatContent value, JsonSerializerOptions options)
    {
        if (value.Parts is { } parts) JsonSerializer.Serialize(writer, parts, ProtocolJson.Wire.IReadOnlyListChatContentPart);
        else writer.WriteStringValue(value.Text);
    }
}
