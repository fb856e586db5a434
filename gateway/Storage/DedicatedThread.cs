using System.Runtime.InteropServices;

namespace Gateway.Storage;

/// <summary>
/// A thread of one's own for work that blocks: the thread pool of a machine with one core has one thread, and whoever blocks it stops every call.
/// Where a core is wanted by both it has a quarter of it. The thread begins with the first work. Thread-safe.
/// </summary>
/// <param name="name">Shown by debuggers and by the system.</param>
internal sealed class DedicatedThread(string name) : IDisposable
{
    // Linux: 335 parts of 1,359. Less would not keep up with a core that is never idle, and nobody without privileges can take it back.
    private const int Niceness = 5;

    private readonly Queue<Action> waiting = new(); // and its lock
    private bool begun;
    private bool ends;

    /// <summary>Lets others that want the core have it: for long work, every few hundred microseconds.</summary>
    /// <param name="hurries">Goes on at its next turn. Otherwise it stays away for a millisecond, so that what it does is spread thinly: a call that is
    /// woken several times on its way meets it once.</param>
    public static void GiveWay(bool hurries)
    {
        if (hurries || OperatingSystem.IsWindows()) Thread.Yield(); // there a millisecond is sixteen
#pragma warning disable RS0030 // there is no event: time for others is what is wanted
        else Thread.Sleep(1);
#pragma warning restore RS0030
    }

    /// <summary>Puts work in line.</summary>
    /// <returns>Ends with the work.</returns>
    public Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting)
        {
            ObjectDisposedException.ThrowIf(ends, this);
            waiting.Enqueue(() => Run(work, done));
            Monitor.Pulse(waiting);
            if (begun) return done.Task;
            begun = true;
        }

        new Thread(Work) { Name = name, IsBackground = true }.UnsafeStart();
        return done.Task;
    }

    /// <summary>Takes nothing more. What is in line is still done, and not waited for.</summary>
    public void Dispose()
    {
        lock (waiting)
        {
            ends = true;
            Monitor.Pulse(waiting);
        }
    }

    private static void Run(Action work, TaskCompletionSource done)
    {
        try
        {
            work();
            done.SetResult();
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private void Work()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(0, 0, Niceness); // of this thread alone, whatever the manual says; .NET's own priorities do nothing there
        else Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        while (Next() is { } work) work();
    }

    private Action? Next()
    {
        lock (waiting)
        {
            while (waiting.Count == 0)
            {
                if (ends) return null;
                Monitor.Wait(waiting);
            }

            return waiting.Dequeue();
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int niceness);
}
