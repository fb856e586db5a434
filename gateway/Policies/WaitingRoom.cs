using System.Collections.Concurrent;

namespace Gateway.Policies;

/// <summary>
/// Calls that wait for a place among those that run: a line for each team and for each key without one. Whoever frees a place asks the line
/// for the next; where places come free elsewhere, lines are looked at from time to time. One task at a time serves a line. Thread-safe.
/// </summary>
internal sealed class WaitingRoom : IDisposable
{
    private readonly ConcurrentDictionary<string, Line> lines = new(StringComparer.Ordinal);
    private readonly Lock counting = new();
    private readonly TimeProvider time;
    private readonly TimeSpan pollInterval;
    private readonly ITimer polls; // runs while somebody waits
    private int waiting;

    public WaitingRoom(TimeProvider time, TimeSpan pollInterval)
    {
        (this.time, this.pollInterval) = (time, pollInterval);
        polls = time.CreateTimer(static room => ((WaitingRoom)room!).Poll(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref waiting);

    /// <summary>Those who wait now, in no order.</summary>
    public List<WaitingCall> Waiting()
    {
        var all = new List<WaitingCall>();
        if (Count == 0) return all;
        foreach (var line in lines.Values)
            lock (line.Gate)
                foreach (var waiter in line.Queue.All) all.Add(new WaitingCall(waiter.Hold.Ask, waiter.Priority, waiter.Since, waiter.Seen == Place.KeyIsFull || waiter.Hold.Ask.Team is null));
        return all;
    }

    /// <summary>Whether somebody in the line waits already.</summary>
    public bool HasWaiters(string line) => Count > 0 && lines.ContainsKey(line);

    /// <summary>Comes back once the call has its place, or when the time is over, with whose places are all taken.</summary>
    public async Task<Place> WaitAsync(Hold hold, int priority, TimeSpan timeout, CancellationToken cancellation)
    {
        var waiter = new Waiter(hold, priority, time.GetTimestamp());
        var name = hold.Ask.Line;
        Line line;
        while (true)
        {
            line = lines.GetOrAdd(name, static _ => new Line());
            lock (line.Gate)
            {
                if (line.IsGone) continue;
                line.Queue.Add(hold.Ask.Key.Id, priority, waiter);
                break;
            }
        }

        Changed(1);

        try
        {
            Serve(line);
            await waiter.Placed.Task.WaitAsync(timeout, time, cancellation);
            return Place.Taken;
        }
        catch (TimeoutException)
        {
            return waiter.Seen;
        }
        finally
        {
            Leave(name, line, waiter);
        }
    }

    /// <summary>A place may have come free.</summary>
    public void Freed(string name)
    {
        if (Count > 0 && lines.TryGetValue(name, out var line)) Serve(line);
    }

    /// <inheritdoc/>
    public void Dispose() => polls.Dispose();

    private void Poll()
    {
        if (Count == 0) return;
        foreach (var line in lines.Values) Serve(line);
    }

    private static void Serve(Line line)
    {
        lock (line.Gate)
        {
            line.WantsLook = true;
            if (line.IsServed) return;
            line.IsServed = true;
        }

        _ = ServeAsync(line);
    }

    private static async Task ServeAsync(Line line)
    {
        var full = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            Waiter? next;
            lock (line.Gate)
            {
                if (line.WantsLook) full.Clear();
                line.WantsLook = false;
                next = line.Queue.Next(full);
                if (next is null)
                {
                    line.IsServed = false;
                    return;
                }
            }

            Place place;
            try
            {
                place = await next.Hold.TakePlaceAsync();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                place = Place.TeamIsFull; // nobody can tell now; looked at again at the next poll
            }

            lock (line.Gate)
            {
                if (place is Place.KeyIsFull or Place.TeamIsFull) next.Seen = place;
                // Who left meanwhile gives the place back itself: its hold is settled after this.
                if (place == Place.Taken && line.Queue.Contains(next)) line.Queue.Served(next);
                if (place == Place.KeyIsFull) full.Add(next.Hold.Ask.Key.Id);
                if (place == Place.NotWanted) line.Queue.Remove(next);
                if (place == Place.TeamIsFull && !line.WantsLook)
                {
                    line.IsServed = false;
                    return;
                }
            }

            if (place == Place.Taken) next.Placed.TrySetResult();
        }
    }

    private void Leave(string name, Line line, Waiter waiter)
    {
        lock (line.Gate)
        {
            line.Queue.Remove(waiter);
            if (line.Queue.Count == 0 && !line.IsGone)
            {
                line.IsGone = true;
                lines.TryRemove(name, out _);
            }
        }

        Changed(-1);
    }

    private void Changed(int more)
    {
        lock (counting)
        {
            var (before, now) = (waiting, waiting += more);
            if ((before == 0) != (now == 0)) polls.Change(now == 0 ? Timeout.InfiniteTimeSpan : pollInterval, now == 0 ? Timeout.InfiniteTimeSpan : pollInterval);
        }
    }

    private sealed class Line
    {
        public Lock Gate { get; } = new();

        public FairQueue<Waiter> Queue { get; } = new();

        public bool IsServed { get; set; }

        public bool WantsLook { get; set; }

        public bool IsGone { get; set; }
    }

    private sealed record Waiter(Hold Hold, int Priority, long Since)
    {
        /// <summary>Why it waits still.</summary>
        public Place Seen { get; set; } = Place.TeamIsFull;

        public TaskCompletionSource Placed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
