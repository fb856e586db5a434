using System.Buffers;
using System.Text.Json;
using Gateway.Calls;

namespace Gateway.Forwarding;

/// <summary>The last chunk of a stream whose upstream did not count: the usage that its client asked for, marked as an estimate.</summary>
internal static class EstimatedUsage
{
    private static readonly string[] Copied = ["id", "object", "created", "model", "system_fingerprint"];

    /// <param name="opening">The stream's first object.</param>
    /// <param name="usage">What is assumed.</param>
    public static byte[] Chunk(byte[] opening, CallUsage usage)
    {
        var to = new ArrayBufferWriter<byte>(256);
        using var first = JsonDocument.Parse(opening);
        using (var json = new Utf8JsonWriter(to))
        {
            json.WriteStartObject();
            foreach (var name in Copied)
                if (first.RootElement.TryGetProperty(name, out var value))
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }

            json.WriteStartArray("choices"u8);
            json.WriteEndArray();
            json.WriteStartObject("usage"u8);
            json.WriteNumber("prompt_tokens"u8, usage.Prompt);
            json.WriteNumber("completion_tokens"u8, usage.Completion);
            json.WriteNumber("total_tokens"u8, usage.Prompt + usage.Completion);
            json.WriteBoolean("estimated"u8, true);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return to.WrittenSpan.ToArray();
    }
}
