using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Errors;

namespace Gateway.Calls;

/// <summary>A request body in memory, so that it can be sent again; read without a full parse.</summary>
public sealed class RequestBody
{
    private const int MaxDepth = 1_000; // the upstream sets its own; this only bounds the reader's bookkeeping

    private RequestBody(byte[] bytes, string? model, bool stream, bool store) => (Bytes, Model, Stream, Store) = (bytes, model, stream, store);

    /// <summary>As the client sent it.</summary>
    public byte[] Bytes { get; }

    /// <summary>The model asked for, or null.</summary>
    public string? Model { get; }

    /// <summary>Whether a stream is asked for.</summary>
    public bool Stream { get; }

    /// <summary>Whether the answer is to be kept, which is the gateway's to do.</summary>
    public bool Store { get; }

    /// <summary>Reads a body to its limit.</summary>
    /// <exception cref="ProblemException">It is too large, or not a JSON object.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, long limit)
    {
        if (request.ContentType is { } type && !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)) throw new ProblemException(Problems.WrongContentType(type));
        if (request.ContentLength > limit) throw new ProblemException(Problems.TooLarge(limit));
        using var buffer = new MemoryStream();
        var part = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(part, request.HttpContext.RequestAborted)) > 0)
            {
                if (buffer.Length + read > limit) throw new ProblemException(Problems.TooLarge(limit));
                buffer.Write(part, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }

        return Parse(buffer.ToArray());
    }

    /// <summary>The same body asking for another model.</summary>
    public RequestBody WithModel(string model)
    {
        var root = JsonNode.Parse(Bytes, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth })!.AsObject();
        root["model"] = model;
        return new RequestBody(JsonSerializer.SerializeToUtf8Bytes(root), model, Stream, Store);
    }

    /// <summary>The same body with null for what only concerns keeping the answer; all other bytes stay where they are.</summary>
    public RequestBody WithoutStoring()
    {
        var bytes = Bytes.ToArray();
        var reader = new Utf8JsonReader(Bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var ours = reader.ValueTextEquals("store"u8) || reader.ValueTextEquals("metadata"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = bytes.AsSpan(start..(int)reader.BytesConsumed);
            if (!ours || value.Length < 4) continue; // an empty object says as little as null
            value.Fill((byte)' ');
            "null"u8.CopyTo(value);
        }

        return new RequestBody(bytes, Model, Stream, store: false);
    }

    private static RequestBody Parse(byte[] bytes)
    {
        string? model = null;
        var (stream, store) = (false, false);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new ProblemException(Problems.NotJson());
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isModel, isStream, isStore) = (reader.ValueTextEquals("model"u8), reader.ValueTextEquals("stream"u8), reader.ValueTextEquals("store"u8));
                reader.Read();
                if (isModel && reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) throw new ProblemException(Problems.ModelIsNoText());
                if (isModel) model = reader.GetString();
                if (isStream) stream = reader.TokenType == JsonTokenType.True;
                if (isStore) store = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }

            // Whatever follows the object is a mistake too.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProblemException(reader.CurrentDepth >= MaxDepth - 1 ? Problems.TooDeep(MaxDepth) : Problems.NotJson());
        }

        return new RequestBody(bytes, model, stream, store);
    }
}
