using System.Buffers;
using System.Text.Json;

namespace Gateway.Usage;

/// <summary>
/// Rows on disk, one a line, each batch synced before it counts as kept. Locked against other processes as long as it is open: whoever gets
/// the lock of another's file knows that its process is gone. One appends while another reads.
/// </summary>
internal sealed class SpillFile : IDisposable
{
    private const int ReadAtOnce = 2 << 20;

    private readonly Lock gate = new();
    private readonly FileStream stream;
    private readonly long maxBytes;
    private long end;
    private long taken; // up to here it is in the database

    private SpillFile(FileStream stream, long maxBytes) => (this.stream, this.maxBytes, end) = (stream, maxBytes, stream.Length);

    public string Path => stream.Name;

    /// <summary>What is not in the database yet.</summary>
    public long Bytes
    {
        get { lock (gate) return end - taken; }
    }

    /// <summary>How full it is, from 0 to 1; what was taken is room again only when all was.</summary>
    public double Fill
    {
        get { lock (gate) return (double)end / maxBytes; }
    }

    /// <exception cref="IOException">There is none, it cannot be made, or a process has it.</exception>
    public static SpillFile Open(string path, FileMode mode, long maxBytes)
    {
        var stream = new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            return new SpillFile(stream, maxBytes);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Comes back when they would survive the machine.</summary>
    /// <exception cref="IOException">They are not kept: the disk is full, or the file is.</exception>
    public void Append(IReadOnlyList<UsageRow> rows)
    {
        var text = new ArrayBufferWriter<byte>(rows.Count * 512);
        using var json = new Utf8JsonWriter(text);
        foreach (var row in rows)
        {
            json.Reset(text);
            JsonSerializer.Serialize(json, row, UsageJson.Default.UsageRow);
            text.Write("\n"u8);
        }

        lock (gate)
        {
            if (end + text.WrittenCount > maxBytes) throw new IOException($"it would have more than {maxBytes} bytes");
            try
            {
                RandomAccess.Write(stream.SafeFileHandle, text.WrittenSpan, end);
                stream.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                stream.SetLength(end);
                throw;
            }

            end += text.WrittenCount;
        }
    }

    /// <summary>Some of the next rows, and where those end; lines that are no rows are counted and left out.</summary>
    public (List<UsageRow> Rows, int Unreadable, long End) Read()
    {
        long from, until;
        lock (gate) (from, until) = (taken, end);
        var buffer = new byte[Math.Min(ReadAtOnce, until - from)];
        var length = 0;
        while (length < buffer.Length && RandomAccess.Read(stream.SafeFileHandle, buffer.AsSpan(length), from + length) is > 0 and var read) length += read;
        var rows = new List<UsageRow>();
        var unreadable = 0;
        var rest = buffer.AsSpan(0, length);
        while (rest.IndexOf((byte)'\n') is >= 0 and var line)
        {
            if (Parse(rest[..line]) is { } row) rows.Add(row);
            else unreadable++;
            rest = rest[(line + 1)..];
        }

        // A line without an end was never said to be kept: its process died over it.
        return (rows, unreadable, rest.Length == length ? until : from + length - rest.Length);
    }

    /// <summary>The rows up to there are in the database.</summary>
    public void Taken(long upTo)
    {
        lock (gate)
        {
            taken = upTo;
            if (taken < end) return;
            stream.SetLength(0);
            (taken, end) = (0, 0);
        }
    }

    /// <summary>Gives it up, and deletes it where nothing is in it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            try
            {
                if (taken == end) File.Delete(Path);
            }
            catch (IOException)
            {
                // It is empty, and the next process deletes it.
            }

            stream.Dispose();
        }
    }

    private static UsageRow? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, UsageJson.Default.UsageRow);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
