using System.Text;
using System.Text.Json;

namespace Gateway.Calls;

/// <summary>What the gateway itself reads of a top-level field.</summary>
internal enum BodyFieldKind
{
    Other,
    Model,
    Stream,
    StreamOptions,
    MaxTokens,
    Choices,
    Store,
    Metadata,
    Content,
}

/// <summary>Where a top-level field stands in a body: its name between the quotes, and its value.</summary>
internal readonly record struct BodyField(BodyFieldKind Kind, int Name, int NameEnd, int Start, int End)
{
    public ReadOnlySpan<byte> Value(RequestBody body) => body.Bytes.AsSpan(Start..End);

    /// <summary>Whether this is its name, however it is escaped.</summary>
    public bool Is(RequestBody body, ReadOnlySpan<byte> name)
    {
        var raw = body.Bytes.AsSpan(Name..NameEnd);
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(body.Bytes.AsSpan((Name - 1)..(NameEnd + 1)))!).AsSpan().SequenceEqual(name) : raw.SequenceEqual(name);
    }

    public static BodyFieldKind KindOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("model"u8)) return BodyFieldKind.Model;
        if (reader.ValueTextEquals("messages"u8) || reader.ValueTextEquals("prompt"u8) || reader.ValueTextEquals("input"u8) || reader.ValueTextEquals("documents"u8)) return BodyFieldKind.Content;
        if (reader.ValueTextEquals("stream"u8)) return BodyFieldKind.Stream;
        if (reader.ValueTextEquals("stream_options"u8)) return BodyFieldKind.StreamOptions;
        if (reader.ValueTextEquals("max_tokens"u8) || reader.ValueTextEquals("max_completion_tokens"u8)) return BodyFieldKind.MaxTokens;
        if (reader.ValueTextEquals("store"u8)) return BodyFieldKind.Store;
        if (reader.ValueTextEquals("metadata"u8)) return BodyFieldKind.Metadata;
        return reader.ValueTextEquals("n"u8) ? BodyFieldKind.Choices : BodyFieldKind.Other;
    }

    /// <summary>Whether the object that the reader is at has this field, and it is true.</summary>
    public static bool HasTrue(Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var same = reader.ValueTextEquals(name);
            reader.Read();
            if (same) found = reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }

        return found;
    }
}
