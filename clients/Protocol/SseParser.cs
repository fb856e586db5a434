using System.Buffers;
using System.Text;

namespace Gateway.Protocol;

/// <summary>Bytes in, the data of finished events out. Never holds more than one line and one event, each within the bound.</summary>
internal sealed class SseParser(int maxBytes)
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _data = new();
    private bool _hasData;
    private bool _first = true;
    private bool _afterReturn;

    /// <summary>Takes bytes up to the end of an event or of <paramref name="bytes"/>; at least one of a text that is not empty.</summary>
    public string? Take(ReadOnlySpan<byte> bytes, out int used)
    {
        used = 0;
        while (used < bytes.Length)
        {
            // The LF of a CR LF may come with the next bytes; the CR alone has ended the line.
            var skipsFeed = _afterReturn && bytes[used] == (byte)'\n';
            _afterReturn = false;
            if (skipsFeed)
            {
                used++;
                continue;
            }

            var rest = bytes[used..];
            var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
            Append(_line, end < 0 ? rest : rest[..end]);
            used += end < 0 ? rest.Length : end + 1;
            if (end < 0) break;
            _afterReturn = rest[end] == (byte)'\r';
            if (EndLine() is { } data) return data;
        }

        return null;
    }

    private string? EndLine()
    {
        var line = _line.WrittenSpan;
        if (_first && line.StartsWith("\uFEFF"u8)) line = line[3..];
        _first = false;
        string? finished = null;
        if (line.IsEmpty)
        {
            if (_hasData) finished = Encoding.UTF8.GetString(_data.WrittenSpan);
            _hasData = false;
            _data.ResetWrittenCount();
        }
        else if (line.StartsWith("data:"u8)) AddData(line["data:"u8.Length..]);
        else if (line.SequenceEqual("data"u8)) AddData([]);

        _line.ResetWrittenCount();
        return finished;
    }

    private void AddData(ReadOnlySpan<byte> value)
    {
        if (_hasData) Append(_data, "\n"u8);
        Append(_data, value.StartsWith(" "u8) ? value[1..] : value);
        _hasData = true;
    }

    private void Append(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > maxBytes - to.WrittenCount) throw new InvalidDataException($"An event of the stream is larger than {maxBytes} bytes.");
        to.Write(bytes);
    }
}
