using System.Buffers;
using System.Runtime.CompilerServices;

namespace Gateway.Protocol;

/// <summary>Server-sent events as OpenAI uses them: unnamed events of one JSON object each, and <c>[DONE]</c> at the end.</summary>
public static class Sse
{
    /// <summary>Content type of a stream.</summary>
    public const string ContentType = "text/event-stream; charset=utf-8";

    /// <summary>The data of the last event of a good stream.</summary>
    public const string Done = "[DONE]";

    private const int MaxEventBytes = 16 << 20;

    /// <summary>Writes one event; the data holds no line break.</summary>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> data)
    {
        to.Write("data: "u8);
        to.Write(data);
        to.Write("\n\n"u8);
    }

    /// <summary>Writes the end of a good stream.</summary>
    public static void WriteDone(IBufferWriter<byte> to) => Write(to, "[DONE]"u8);

    /// <summary>Reads the data of each event, as the standard says: lines ended by CR, LF or both, a byte order mark and comments skipped, several data
    /// lines joined by LF, an event that the end cuts off dropped.</summary>
    /// <exception cref="InvalidDataException">An event is larger than 16 MiB.</exception>
    public static IAsyncEnumerable<string> ReadAsync(Stream stream, CancellationToken cancellation = default) => ReadAsync(stream, MaxEventBytes, cancellation);

    /// <summary>As above, with the caller's own bound, which holds for one line and for the data of one event.</summary>
    /// <exception cref="InvalidDataException">An event is larger than the bound.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, int maxEventBytes, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var parser = new SseParser(maxEventBytes);
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            for (var taken = 0; taken < read;)
            {
                if (parser.Take(buffer.AsSpan(taken, read - taken), out var used) is { } data) yield return data;
                taken += used;
            }
        }
    }
}
