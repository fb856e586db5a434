using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Load.Door;

/// <summary>
/// Sees when a virtual machine's host takes a core away: a thread there that goes before all others wakes two thousand times a second, and has come late.
/// That wants the right to real-time priority (root) and Linux; without them nothing is seen.
/// </summary>
internal sealed partial class CoreWatch : IDisposable
{
    private const int Fifo = 1; // SCHED_FIFO
    private const uint PauseMicroseconds = 500;
    private static readonly long Late = (1_000 + PauseMicroseconds) * Stopwatch.Frequency / 1_000_000; // a millisecond more than the pause

    private readonly Thread thread;
    private readonly ManualResetEventSlim begun = new();
    private volatile bool ends;
    private long back; // when it came back last

    /// <param name="core">By its number.</param>
    public CoreWatch(int core)
    {
        thread = new Thread(() => Watch(core)) { Name = "Core watch", IsBackground = true };
        thread.Start();
        begun.Wait();
    }

    /// <summary>Whether it sees anything.</summary>
    public bool Sees { get; private set; }

    /// <summary>Whether the core was away at any time since then.</summary>
    /// <param name="since">As a timestamp.</param>
    public bool WasAway(long since) => Volatile.Read(ref back) > since;

    public void Dispose()
    {
        ends = true;
        thread.Join();
        begun.Dispose();
    }

    private void Watch(int core)
    {
        var (mask, priority) = (1UL << core, 1);
        Sees = OperatingSystem.IsLinux() && SetAffinity(0, sizeof(ulong), ref mask) == 0 && SetScheduler(0, Fifo, ref priority) == 0;
        begun.Set();
        if (!Sees) return;
        for (var last = Stopwatch.GetTimestamp(); !ends;)
        {
            _ = Sleep(PauseMicroseconds);
            var now = Stopwatch.GetTimestamp();
            if (now - last > Late) Volatile.Write(ref back, now);
            last = now;
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAffinity(int thread, nuint size, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetScheduler(int thread, int policy, ref int priority);

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);
}
