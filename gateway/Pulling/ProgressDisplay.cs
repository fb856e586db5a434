using System.Globalization;

namespace Gateway.Pulling;

/// <summary>Shows a pull: a bar that is drawn over itself on a terminal, a plain line every few seconds elsewhere.</summary>
internal sealed class ProgressDisplay(TextWriter output, bool terminal, int width, TimeProvider time)
{
    private const int BarWidth = 24;
    private static readonly TimeSpan TerminalPace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainPace = TimeSpan.FromSeconds(5);
    private readonly TransferRate rate = new(time);
    private readonly Lock gate = new();
    private int drawn;

    /// <summary>Shows it until cancelled, and then once more if anything was shown at all.</summary>
    public async Task RunAsync(PullProgress progress, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(terminal ? TerminalPace : PlainPace, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation)) Show(progress);
        }
        catch (OperationCanceledException)
        {
            Show(progress);
            lock (gate)
            {
                if (terminal && drawn > 0) output.WriteLine();
                drawn = 0;
            }
        }
    }

    /// <summary>A line of its own, above the bar.</summary>
    public void Say(string line)
    {
        lock (gate)
        {
            Erase();
            output.WriteLine(line);
            output.Flush();
        }
    }

    /// <summary>One line: how much of how much, how fast, how long still.</summary>
    internal static string Line(long done, long total, double rate, bool bar)
    {
        var share = total == 0 ? 1 : Math.Min(1, (double)done / total);
        var filled = (int)(share * BarWidth);
        var left = done >= total ? "" : TransferRate.Left(total - done, rate) is { } time ? ", " + Texts.Time(time) + " left" : "";
        var percent = Math.Floor(share * 100).ToString("F0", CultureInfo.InvariantCulture).PadLeft(3) + " %";
        return $"{(bar ? "[" + new string('#', filled) + new string('-', BarWidth - filled) + "] " : "")}{percent}  {Texts.Bytes(done)} of {Texts.Bytes(total)}, {Texts.Bytes(rate)}/s{left}";
    }

    /// <summary>Shows it as it is now.</summary>
    internal void Show(PullProgress progress)
    {
        if (progress.Total == 0) return;
        lock (gate)
        {
            var line = Line(progress.Done, progress.Total, rate.Sample(progress.Received), terminal);
            if (terminal && line.Length >= width) line = line[..Math.Max(0, width - 1)];
            Erase();
            if (terminal) output.Write(line);
            else output.WriteLine(line);
            drawn = terminal ? line.Length : 0;
            output.Flush();
        }
    }

    private void Erase()
    {
        if (drawn > 0) output.Write("\r" + new string(' ', drawn) + "\r");
        drawn = 0;
    }
}
