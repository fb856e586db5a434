using System.Globalization;

namespace Gateway.Load.Door;

/// <summary>
/// What the threads of a process used, by Linux's own count to the nanosecond. .NET's second look at hot code is apart: a core that
/// is never idle spreads it over a minute and more, and it is no part of what a request costs.
/// </summary>
/// <param name="Work">By all but the compiler.</param>
/// <param name="Compiling">By the compiler in the background; nothing where a process has none.</param>
internal readonly record struct ProcessorTime(TimeSpan Work, TimeSpan Compiling)
{
    private const string Compiler = ".NET Tiered Com"; // as far as Linux keeps a thread's name

    /// <summary>Until now; the part of threads that have ended is not in it.</summary>
    public static ProcessorTime Of(int process)
    {
        var (work, compiling) = (0L, 0L);
        foreach (var task in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            try
            {
                var used = long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
                if (File.ReadAllText(Path.Combine(task, "comm")).StartsWith(Compiler, StringComparison.Ordinal)) compiling += used;
                else work += used;
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        return new ProcessorTime(TimeSpan.FromTicks(work / 100), TimeSpan.FromTicks(compiling / 100));
    }

    public static ProcessorTime operator -(ProcessorTime later, ProcessorTime earlier) => new(later.Work - earlier.Work, later.Compiling - earlier.Compiling);
}
