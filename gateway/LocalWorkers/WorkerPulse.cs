namespace Gateway.LocalWorkers;

/// <summary>
/// Whether a worker gets on, by its own count of steps, which it is asked for twice a second while calls run. Who asks for a plain answer sees
/// nothing of it before its last token: this is all there is to tell a long answer from a worker that hangs.
/// </summary>
public sealed class WorkerPulse : IDisposable
{
    /// <summary>A shorter bound than this cannot be told from the time between two questions.</summary>
    public static readonly TimeSpan ShortestBound = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // all its processors may be at work
    private readonly Func<TimeSpan, CancellationToken, Task<WorkerLoad?>> ask;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private int calls;
    private int ticking;
    private int asking;
    private long askedAt;
    private long movedAt;
    private volatile WorkerLoad? last;

    /// <param name="ask">Asks the worker for its load; null where it does not say.</param>
    /// <param name="time">For questions and ages.</param>
    internal WorkerPulse(Func<TimeSpan, CancellationToken, Task<WorkerLoad?>> ask, TimeProvider time)
    {
        (this.ask, this.time) = (ask, time);
        timer = time.CreateTimer(static pulse => ((WorkerPulse)pulse!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>When it was last seen to have moved, as a timestamp.</summary>
    public long MovedAt => Volatile.Read(ref movedAt);

    /// <summary>Whether it has had work for this long and did none of it, or says nothing at all.</summary>
    public bool IsStuck(TimeSpan bound) =>
        time.GetElapsedTime(MovedAt) >= (bound > ShortestBound ? bound : ShortestBound) && (IsSilent || last is null or { Running: > 0 } or { Waiting: > 0 });

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    // What it said last may be of before its work came.
    private bool IsSilent => Volatile.Read(ref asking) != 0 && time.GetElapsedTime(Volatile.Read(ref askedAt)) >= Soon;

    internal void Begin()
    {
        Interlocked.Increment(ref calls);
        if (Interlocked.Exchange(ref ticking, 1) != 0) return;
        Moved();
        timer.Change(Every, Every);
    }

    // The timer stops by itself when it finds nobody: short calls one after another do not set it each time.
    internal void End() => Interlocked.Decrement(ref calls);

    private void Tick()
    {
        if (Volatile.Read(ref calls) == 0)
        {
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref ticking, 0);
            if (Volatile.Read(ref calls) == 0 || Interlocked.Exchange(ref ticking, 1) != 0) return;
            Moved();
            timer.Change(Every, Every); // one came at this very moment
            return;
        }

        if (Volatile.Read(ref asking) != 0) return;
        Volatile.Write(ref askedAt, time.GetTimestamp());
        Volatile.Write(ref asking, 1);
        _ = AskAsync();
    }

    private async Task AskAsync()
    {
        var before = last;
        var now = await ask(Patience, CancellationToken.None);
        if (now is not null && now.Steps != before?.Steps) Moved();
        last = now;
        Volatile.Write(ref asking, 0);
    }

    private void Moved() => Volatile.Write(ref movedAt, time.GetTimestamp());
}
