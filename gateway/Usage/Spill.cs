using Gateway.Configuration;
using Gateway.Storage;

namespace Gateway.Usage;

/// <summary>Where rows wait that the database does not take: a file of this process, and those that dead ones left behind.</summary>
internal sealed class Spill : IDisposable
{
    private const long MaxBytes = 256 << 20;
    private const string Extension = ".spill";

    private readonly string folder;
    private readonly string prefix;
    private readonly string path;
    private readonly Queue<SpillFile> leftovers = new();
    private SpillFile? own;

    public Spill(GatewayOptions options, UsageJournal journal)
    {
        var address = DatabaseAddress.Parse(options.Database);
        folder = Path.GetFullPath(options.Usage.SpillFolder ?? Path.GetDirectoryName(address.File) ?? ".");
        prefix = (address.File is { } file ? Path.GetFileName(file) : "gateway.db") + ".usage-";
        path = Path.Combine(folder, prefix + journal.Owner + Extension);
    }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => leftovers.Count == 0 && own is null or { Bytes: 0 };

    /// <summary>How full this process's file is, from 0 to 1.</summary>
    public double Fill => own?.Fill ?? 0;

    /// <summary>The file, as messages call it.</summary>
    public string Shown => path;

    /// <summary>Takes over what no process has any more.</summary>
    /// <returns>How many files there were.</returns>
    public int Claim()
    {
        if (!Directory.Exists(folder)) return 0;
        var before = leftovers.Count;
        foreach (var left in Directory.EnumerateFiles(folder, prefix + "*" + Extension))
        {
            if (left == path || leftovers.Any(file => file.Path == left)) continue;
            try
            {
                leftovers.Enqueue(SpillFile.Open(left, FileMode.Open, long.MaxValue));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its process lives, or another one was quicker.
            }
        }

        return leftovers.Count - before;
    }

    /// <exception cref="IOException">They are not kept.</exception>
    public void Append(IReadOnlyList<UsageRow> rows)
    {
        own ??= SpillFile.Open(path, FileMode.CreateNew, MaxBytes);
        own.Append(rows);
    }

    /// <summary>Hands all that waits to a writer, the oldest first. What it does not take stays.</summary>
    /// <returns>Rows that were taken, and lines that could not be read.</returns>
    public async Task<(int Rows, int Unreadable)> ReplayAsync(Func<List<UsageRow>, Task> write)
    {
        var (rows, unreadable) = (0, 0);
        while (leftovers.TryPeek(out var left))
        {
            await ReplayAsync(left);
            leftovers.Dequeue().Dispose();
        }

        if (own is { } file) await ReplayAsync(file);
        return (rows, unreadable);

        async Task ReplayAsync(SpillFile from)
        {
            while (from.Bytes > 0)
            {
                var (next, bad, end) = from.Read();
                if (next.Count > 0) await write(next);
                from.Taken(end);
                (rows, unreadable) = (rows + next.Count, unreadable + bad);
            }
        }
    }

    /// <summary>Lets go of this process's file, where it is empty.</summary>
    public void Tidy()
    {
        if (own is not { Bytes: 0 } file) return;
        file.Dispose();
        own = null;
    }

    public void Dispose()
    {
        own?.Dispose();
        foreach (var file in leftovers) file.Dispose();
    }
}
