using System.Text.Json;
using Gateway.Routing;

namespace Gateway.Calls;

/// <summary>
/// What a conversation begins with, as a number: its messages up to the first one of the user, or a prompt's first bytes. It stays the same
/// when the conversation goes on, and two conversations with one system prompt and other questions differ.
/// </summary>
internal static class ConversationPrefix
{
    private const int MostBytes = 8 << 10;

    /// <summary>0 where there is no conversation.</summary>
    public static ulong Of(RequestBody body)
    {
        foreach (var field in body.Fields)
        {
            if (field.Kind != BodyFieldKind.Content) continue;
            var value = body.Bytes.AsSpan(field.Start..field.End);
            var end = field.Is(body, "messages"u8) && value[0] == '[' ? FirstUser(value) : Math.Min(value.Length, 256);
            return StableHash.Of(value[..Math.Min(end, MostBytes)]) | 1;
        }

        return 0;
    }

    private static int FirstUser(ReadOnlySpan<byte> messages)
    {
        var reader = new Utf8JsonReader(messages, new JsonReaderOptions { MaxDepth = 1_000 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var user = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var role = reader.ValueTextEquals("role"u8);
                reader.Read();
                if (role && reader.TokenType == JsonTokenType.String) user = reader.ValueTextEquals("user"u8);
                reader.Skip();
            }

            if (user) return (int)reader.BytesConsumed;
        }

        return messages.Length;
    }
}
