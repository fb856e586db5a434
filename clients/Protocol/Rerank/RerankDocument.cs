using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Rerank;

/// <summary>One text. Reads a string or an object with <c>text</c>; writes an object.</summary>
[JsonConverter(typeof(RerankDocumentConverter))]
public sealed record RerankDocument(string Text)
{
    /// <summary>One text.</summary>
    public static implicit operator RerankDocument(string text) => FromString(text);

    /// <summary>One text.</summary>
    public static RerankDocument FromString(string text) => new(text);
}

internal sealed class RerankDocumentConverter : JsonConverter<RerankDocument>
{
    public override RerankDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return new RerankDocument(reader.GetString()!);
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A document is a string or an object with 'text'.");
        string? text = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isText = reader.ValueTextEquals("text"u8);
            reader.Read();
            if (isText) text = reader.GetString();
            else reader.Skip();
        }

        return new RerankDocument(text ?? throw new JsonException("A document has no 'text'."));
    }

    public override void Write(Utf8JsonWriter writer, RerankDocument value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("text"u8, value.Text);
        writer.WriteEndObject();
    }
}
