using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Load.Door;

/// <summary>Wakes who waits for a moment to a tenth of a millisecond: .NET's timers know only whole ones, and what begins at once waits for each other. Linux.</summary>
internal sealed partial class Pacer : IDisposable
{
    private const int LongestSleep = 200; // in microseconds

    private readonly PriorityQueue<TaskCompletionSource, TimeSpan> waiting = new();
    private readonly Stopwatch clock;
    private readonly Thread thread;
    private volatile bool ends;

    /// <param name="clock">By which moments are told.</param>
    public Pacer(Stopwatch clock)
    {
        this.clock = clock;
        thread = new Thread(Run) { IsBackground = true };
        thread.Start();
    }

    public Task UntilAsync(TimeSpan moment)
    {
        if (moment <= clock.Elapsed) return Task.CompletedTask;
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting) waiting.Enqueue(woken, moment);
        return woken.Task;
    }

    public void Dispose()
    {
        ends = true;
        thread.Join();
    }

    private void Run()
    {
        while (!ends)
        {
            var wait = TimeSpan.FromMicroseconds(LongestSleep);
            lock (waiting)
            {
                while (waiting.TryPeek(out var first, out var moment))
                {
                    if (moment - clock.Elapsed is { Ticks: > 0 } left)
                    {
                        wait = left < wait ? left : wait;
                        break;
                    }

                    waiting.Dequeue();
                    first.SetResult();
                }
            }

            _ = Sleep((uint)Math.Max(1, wait.TotalMicroseconds));
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);
}
