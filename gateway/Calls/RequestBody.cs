using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Errors;

namespace Gateway.Calls;

/// <summary>
/// A request body in memory, so that it can be sent again; scanned once, and never parsed into a tree: what an upstream gets are the
/// caller's own bytes, but for the fields that routing changes.
/// </summary>
public sealed class RequestBody
{
    private const int MaxDepth = 1_000; // the upstream sets its own; this only bounds the reader's bookkeeping

    private readonly List<BodyField> fields = new(12);

    private readonly bool mayStream;

    private RequestBody(byte[] bytes, bool mayStream) => (Bytes, this.mayStream) = (bytes, mayStream);

    /// <summary>As the client sent it.</summary>
    public byte[] Bytes { get; }

    /// <summary>The model asked for, or null.</summary>
    public string? Model { get; private set; }

    /// <summary>Whether a stream is asked for, where there are any.</summary>
    public bool Stream { get; private set; }

    /// <summary>Whether the caller asked for usage at the end of its stream.</summary>
    public bool IncludeUsage { get; private set; }

    /// <summary>Whether that is all that its options for streams say. Looked at only where an upstream refuses them.</summary>
    public bool AsksOnlyForUsage
    {
        get
        {
            foreach (var given in fields)
            {
                if (given.Kind != BodyFieldKind.StreamOptions) continue;
                using var options = JsonDocument.Parse(Bytes.AsMemory(given.Start..given.End));
                if (!IncludeUsage || options.RootElement.ValueKind != JsonValueKind.Object || options.RootElement.GetPropertyCount() != 1) return false;
            }

            return IncludeUsage;
        }
    }

    /// <summary>Whether the caller asks for the answer to be kept.</summary>
    public bool Store { get; private set; }

    /// <summary>Most tokens of each answer, or null; of several the largest, for nobody knows which one an upstream takes.</summary>
    public long? MaxTokens { get; private set; }

    /// <summary>Choices asked for; the largest too.</summary>
    public int Choices { get; private set; } = 1;

    /// <summary>Tokens of what is to be read, at four bytes each.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Top-level fields in their order.</summary>
    internal IReadOnlyList<BodyField> Fields => fields;

    /// <summary>Where the object's closing brace is.</summary>
    internal int End { get; private set; }

    /// <summary>Reads a body to its limit.</summary>
    /// <param name="request">Whose body.</param>
    /// <param name="limit">Most bytes of it.</param>
    /// <param name="mayStream">Whether <c>stream</c> and its options mean something here; elsewhere they are fields that nobody knows.</param>
    /// <exception cref="ProblemException">It is too large, or not a JSON object.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, long limit, bool mayStream = false)
    {
        if (request.ContentType is { } type && !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)) throw new ProblemException(Problems.WrongContentType(type));
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)) throw new ProblemException(Problems.ContentEncoded(encoding));
        if (request.ContentLength > limit) throw new ProblemException(Problems.TooLarge(limit));
        var cancellation = request.HttpContext.RequestAborted;
        var expected = (int)(request.ContentLength ?? 0);
        var buffer = expected > 0 ? new byte[expected] : ArrayPool<byte>.Shared.Rent(16 << 10);
        var length = 0;
        // Of a body in chunks Kestrel itself reads ahead, and nobody can be told.
        var input = expected > 0 && !HttpProtocol.IsHttp2(request.Protocol) ? request.HttpContext.Features.Get<ClientPresence>()?.Input : null;
        input?.Begin(request);
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(cancellation);
                if (read.IsCanceled) throw Cancelled(request, read, input);
                var size = read.Buffer.Length;
                if (length + size <= limit)
                {
                    if (length + size > buffer.Length) buffer = Larger(buffer, length, length + (int)size);
                    read.Buffer.CopyTo(buffer.AsSpan(length));
                }

                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (length + size > limit) throw new ProblemException(Problems.TooLarge(limit));
                length += (int)size;
                if (read.IsCompleted) break;
            }

            return Parse(expected > 0 && length == expected ? buffer : buffer.AsSpan(0, length).ToArray(), mayStream);
        }
        catch (IOException e) when (e.InnerException is OverflowException)
        {
            throw new ProblemException(Problems.ChunkTooLarge()); // Kestrel's word for a size beyond an int
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new ProblemException(Problems.BodyBroke()); // HTTP/2's for a stream that is over, by its client's doing
        }
        finally
        {
            input?.End();
            if (expected == 0) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Scans a body.</summary>
    /// <exception cref="ProblemException">It is not a JSON object.</exception>
    public static RequestBody Parse(byte[] bytes, bool mayStream = false)
    {
        if (!Utf8.IsValid(bytes)) throw new ProblemException(Problems.NotUtf8()); // the reader lets it pass in values that it skips
        var body = new RequestBody(bytes, mayStream);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw new ProblemException(Problems.NotAnObject(reader.TokenType));
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) body.Field(ref reader);
            body.End = (int)reader.TokenStartIndex;
            // Whatever follows the object is a mistake too.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProblemException(reader.CurrentDepth >= MaxDepth - 1 ? Problems.TooDeep(MaxDepth) : Problems.NotJson());
        }

        if (body.PromptTokens == 0) body.PromptTokens = 1 + (bytes.Length / 4);
        return body;
    }

    private static byte[] Larger(byte[] buffer, int length, int least)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, least));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    // Of a program that stops, or of a body that was cut: that reading is over then, and the web server may end its own.
    private static Exception Cancelled(HttpRequest request, ReadResult read, FinishedInput? input)
    {
        if (input is not { IsCut: true }) return new OperationCanceledException();
        request.BodyReader.AdvanceTo(read.Buffer.Start);
        return new ProblemException(Problems.CutShort());
    }

    private void Field(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped) _ = reader.GetString(); // half of a character is found out only now, and the name is read again later
        var kind = BodyField.KindOf(ref reader);
        if (!mayStream && kind is BodyFieldKind.Stream or BodyFieldKind.StreamOptions) kind = BodyFieldKind.Other;
        var name = (int)reader.TokenStartIndex + 1;
        var nameEnd = (int)reader.BytesConsumed;
        while (Bytes[nameEnd - 1] != '"') nameEnd--; // the colon, and white space before it
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        switch (kind)
        {
            case BodyFieldKind.Model:
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) throw new ProblemException(Problems.ModelIsNoText());
                Model = reader.GetString();
                break;
            case BodyFieldKind.Stream:
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)) throw new ProblemException(Problems.StreamIsNoBoolean(reader.TokenType));
                Stream = reader.TokenType == JsonTokenType.True;
                break;
            case BodyFieldKind.Store:
                Store = reader.TokenType == JsonTokenType.True;
                break;
            case BodyFieldKind.MaxTokens when reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var most) && most >= 0:
                MaxTokens = Math.Max(MaxTokens ?? 0, (long)most); // 1e5 is a number too, and what is beyond a long becomes the largest
                break;
            case BodyFieldKind.Choices when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var choices):
                Choices = Math.Max(Choices, choices);
                break;
            case BodyFieldKind.StreamOptions when reader.TokenType == JsonTokenType.StartObject:
                IncludeUsage = BodyField.HasTrue(reader, "include_usage"u8);
                break;
        }

        reader.Skip();
        var end = (int)reader.BytesConsumed;
        if (kind == BodyFieldKind.Content) PromptTokens += (end - start) / 4;
        fields.Add(new BodyField(kind, name, nameEnd - 1, start, end));
    }
}
