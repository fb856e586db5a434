using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Worker.Errors;

namespace Gateway.Worker.Requests;

/// <summary>A JSON body, read whole within a limit and proven to be readable: valid UTF-8, bounded nesting, no broken surrogates.</summary>
internal static class RequestBody
{
    /// <returns>The document; the caller disposes it. Its root is an object.</returns>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, long maxBytes, CancellationToken cancellation)
    {
        // No content type at all is taken for JSON: small scripts leave it out.
        if (request.ContentType is { Length: > 0 } type && !IsJson(type)) throw Problems.WrongContentType(type);
        if (request.ContentLength > maxBytes) throw Problems.BodyTooLarge(maxBytes);
        var buffer = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 0, 4096, 1 << 20));
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            foreach (var part in read.Buffer) buffer.Write(part.Span);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (buffer.WrittenCount > maxBytes) throw Problems.BodyTooLarge(maxBytes);
            if (read.IsCompleted) return Parse(buffer.WrittenMemory);
        }
    }

    internal static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        if (utf8.Span.Trim(" \t\r\n"u8).IsEmpty) throw Problems.BadBody("The request body is empty. Send a JSON object.");
        if (!Utf8.IsValid(utf8.Span)) throw Problems.BadBody("The request body is not valid UTF-8.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, WireJson.Reading);
        }
        catch (JsonException broken)
        {
            if (NestsTooDeep(utf8.Span)) throw Problems.BadBody($"The request body nests deeper than {WireJson.MaxDepth} levels.");
            throw Problems.BadBody($"We could not parse the JSON body of your request, near line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}. "
                + "The body is expected to be a JSON object.");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object && !HasBrokenText(utf8.Span)) return document;
        var kind = WireJson.Kind(document.RootElement);
        var isObject = document.RootElement.ValueKind == JsonValueKind.Object;
        document.Dispose();
        throw Problems.BadBody(isObject
            ? "The request body holds a string with half of a surrogate pair, which is not text."
            : $"The request body must be a JSON object, but it is {kind}.");
    }

    private static bool IsJson(string type)
    {
        var media = type.AsSpan(0, type.IndexOf(';', StringComparison.Ordinal) is var end && end < 0 ? type.Length : end).Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool NestsTooDeep(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
            while (reader.Read())
            {
                if (reader.CurrentDepth >= WireJson.MaxDepth) return true;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    // Escapes are resolved lazily: a lone surrogate would otherwise throw wherever the string is first read.
    private static bool HasBrokenText(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\u"u8) < 0) return false;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = WireJson.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped) _ = reader.GetString();
            }
        }
        catch (InvalidOperationException)
        {
            return true;
        }

        return false;
    }
}
