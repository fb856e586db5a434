using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gateway.Protocol;

/// <summary>Server-sent events as OpenAI uses them: unnamed events of one JSON object each, and <c>[DONE]</c> at the end.</summary>
public static class Sse
{
    /// <summary>Content type of a stream.</summary>
    public const string ContentType = "text/event-stream; charset=utf-8";

    /// <summary>The data of the last event of a good stream.</summary>
    public const string Done = "[DONE]";

    private const int MaxEventCharacters = 16 << 20;

    /// <summary>Writes one event; the data holds no line break.</summary>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> data)
    {
        to.Write("data: "u8);
        to.Write(data);
        to.Write("\n\n"u8);
    }

    /// <summary>Writes the end of a good stream.</summary>
    public static void WriteDone(IBufferWriter<byte> to) => Write(to, "[DONE]"u8);

    /// <summary>Reads the data of each event: lines ended by CR, LF or both, comments skipped, several data lines joined by LF.</summary>
    /// <exception cref="InvalidDataException">An event is larger than 16 million characters.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        var data = new StringBuilder();
        var any = false;
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                if (any) yield return data.ToString();
                data.Clear();
                any = false;
                continue;
            }

            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            if (any) data.Append('\n');
            data.Append(line.AsSpan(line.Length > 5 && line[5] == ' ' ? 6 : 5));
            any = true;
            if (data.Length > MaxEventCharacters) throw new InvalidDataException("An event of the stream is too large.");
        }
    }
}
