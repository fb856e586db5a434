using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Pulling;

/// <summary>
/// A file on its way, which outlives the process: bytes go to <c>X.part</c>, and what has come is logged in <c>X.log</c> after it was written,
/// so the log never claims a byte that the file lacks. A log of other content is thrown away. Safe for several threads.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly Lock gate = new();
    private readonly ByteRanges done = new();
    private readonly ByteRanges taken = new();
    private readonly string partPath;
    private readonly string logPath;
    private readonly SafeFileHandle part;
    private readonly FileStream log;
    private bool wholeOnly;

    private PartialFile(HubFile file, string partPath, string logPath)
    {
        (File, this.partPath, this.logPath) = (file, partPath, logPath);
        Directory.CreateDirectory(Path.GetDirectoryName(partPath)!);
        var valid = ReadLog();
        part = System.IO.File.OpenHandle(partPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, FileOptions.Asynchronous);
        log = new FileStream(logPath, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 });
        log.SetLength(valid); // a line that a killed process left half-written
        log.Position = valid;
        if (valid == 0) WriteLine(Header);
        RandomAccess.SetLength(part, file.Size);
        Resumed = done.Count;
    }

    /// <summary>What it will be.</summary>
    public HubFile File { get; }

    /// <summary>Bytes that were there from an earlier attempt.</summary>
    public long Resumed { get; }

    /// <summary>Whether all bytes have come.</summary>
    public bool Complete
    {
        get { lock (gate) return done.Count == File.Size; }
    }

    private string Header => string.Create(CultureInfo.InvariantCulture, $"{File.Digest.Hex} {File.Size}");

    /// <summary>Opens what an earlier attempt left, or begins.</summary>
    /// <param name="file">What it will be.</param>
    /// <param name="path">Where <c>.part</c> and <c>.log</c> are put behind.</param>
    public static PartialFile Open(HubFile file, string path) => new(file, path + ".part", path + ".log");

    /// <summary>Claims the next missing bytes, at most so many; null when none is free now.</summary>
    public ByteRange? Take(long most)
    {
        lock (gate)
        {
            if (wholeOnly && taken.Count > 0) return null;
            if (ByteRanges.FirstGap(done, taken, File.Size) is not { } gap) return null;
            var range = wholeOnly ? new ByteRange(0, File.Size) : gap with { End = Math.Min(gap.End, gap.Start + most) };
            taken.Add(range);
            return range;
        }
    }

    /// <summary>Gives a claim back, whatever has come of it.</summary>
    public void GiveBack(ByteRange range)
    {
        lock (gate) taken.Remove(range);
    }

    /// <summary>The hub sends this file from its start only: it is taken in one piece from now on.</summary>
    public void TakeWholeOnly()
    {
        lock (gate) wholeOnly = true;
    }

    /// <summary>Writes bytes of a claim; they count once <see cref="Commit"/> says so.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long at, CancellationToken cancellation) => RandomAccess.WriteAsync(part, bytes, at, cancellation);

    /// <summary>Notes for the next attempt that these bytes are there. Returns how many of them are new.</summary>
    public long Commit(ByteRange range)
    {
        lock (gate)
        {
            var before = done.Count;
            done.Add(range);
            WriteLine(string.Create(CultureInfo.InvariantCulture, $"{range.Start} {range.End}"));
            return done.Count - before;
        }
    }

    /// <summary>Flushes to the disk, so that renaming it publishes its bytes too.</summary>
    public void Flush() => RandomAccess.FlushToDisk(part);

    /// <summary>Forgets everything that has come.</summary>
    public void Discard()
    {
        Dispose();
        System.IO.File.Delete(logPath);
        System.IO.File.Delete(partPath);
    }

    /// <summary>Moves the finished file to its place.</summary>
    public void MoveTo(string path)
    {
        Dispose();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.Move(partPath, path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        part.Dispose();
        log.Dispose();
    }

    private void WriteLine(string line) => log.Write(System.Text.Encoding.ASCII.GetBytes(line + "\n"));

    /// <summary>Reads as far as the log makes sense, and returns how far that is in bytes.</summary>
    private long ReadLog()
    {
        if (!System.IO.File.Exists(logPath) || !System.IO.File.Exists(partPath) || new FileInfo(partPath).Length != File.Size) return 0;
        var text = System.IO.File.ReadAllText(logPath);
        if (!text.StartsWith(Header + "\n", StringComparison.Ordinal)) return 0;
        var valid = Header.Length + 1;
        for (int end; (end = text.IndexOf('\n', valid)) >= 0; valid = end + 1)
        {
            var numbers = text[valid..end].Split(' ');
            if (numbers.Length != 2 || !long.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from) || !long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var to) || from >= to || to > File.Size) break;
            done.Add(new ByteRange(from, to));
        }

        return valid;
    }
}
