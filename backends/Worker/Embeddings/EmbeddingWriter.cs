using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Engine.Encoders;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Embeddings;

/// <summary>The JSON of an answer: thousands of vectors are megabytes, so they leave as they are written.</summary>
internal static class EmbeddingWriter
{
    private const int FlushBytes = 64 << 10;

    public static async Task WriteAsync(HttpContext http, LoadedEncoder model, EmbeddingCall call, IReadOnlyList<float[]> vectors)
    {
        http.Response.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        using var json = new Utf8JsonWriter(body, WireJson.Writing);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var index = 0; index < vectors.Count; index++)
        {
            Write(json, index, Shortened(vectors[index], call.Dimensions), call.Base64);
            if (json.BytesPending < FlushBytes) continue;
            json.Flush();
            await body.FlushAsync(http.RequestAborted);
        }

        json.WriteEndArray();
        json.WriteString("model"u8, model.Name);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, call.PromptTokens);
        json.WriteNumber("total_tokens"u8, call.PromptTokens);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        await body.FlushAsync(http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, int index, ReadOnlySpan<float> vector, bool base64)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "embedding"u8);
        json.WriteNumber("index"u8, index);
        if (base64)
        {
            json.WriteBase64String("embedding"u8, LittleEndian(vector));
        }
        else
        {
            json.WriteStartArray("embedding"u8);
            foreach (var value in vector) json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>The first dimensions, divided by their norm: what models trained for it (Matryoshka) are cut by.</summary>
    private static float[] Shortened(float[] vector, int? dimensions)
    {
        if (dimensions is not { } width) return vector;
        var first = vector[..width];
        NormalizeStep.Normalize(first);
        return first;
    }

    private static byte[] LittleEndian(ReadOnlySpan<float> vector)
    {
        var bytes = MemoryMarshal.AsBytes(vector).ToArray();
        if (!BitConverter.IsLittleEndian)
            for (var i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }
}
