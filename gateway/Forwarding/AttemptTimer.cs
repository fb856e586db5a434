using Gateway.Calls;
using Gateway.LocalWorkers;

namespace Gateway.Forwarding;

/// <summary>
/// The three timers of an attempt, and the client's deadline, as one. Progress only moves the due time; the timer itself looks when it
/// fires, so a stream of many chunks costs a write each.
/// </summary>
internal sealed class AttemptTimer : IDisposable
{
    private readonly TimeProvider time;
    private readonly CancellationTokenSource expire;
    private readonly ITimer timer;
    private readonly ClientDeadline? deadline;
    private long due = long.MaxValue;
    private long span; // of the phase that progress renews, in timestamp units; 0 for none
    private long armed = long.MaxValue;
    private string reason = "";
    private WorkerPulse? pulse;
    private bool heedsDeadline = true;

    /// <param name="time">The clock.</param>
    /// <param name="deadline">The client's.</param>
    /// <param name="expire">Cancelled when time is over.</param>
    public AttemptTimer(TimeProvider time, ClientDeadline? deadline, CancellationTokenSource expire)
    {
        (this.time, this.deadline, this.expire) = (time, deadline, expire);
        timer = time.CreateTimer(static state => ((AttemptTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Why time was over, one of <see cref="Reasons"/>; null as long as it is not.</summary>
    public string? Expired { get; private set; }

    /// <summary>A new phase, which ends the last one's; null for one without a bound.</summary>
    /// <param name="why">What its end is called.</param>
    /// <param name="most">How long it may be without progress.</param>
    /// <param name="worker">Whose steps are progress too.</param>
    public void Enter(string why, TimeSpan? most, WorkerPulse? worker = null)
    {
        lock (expire)
        {
            pulse = worker;
            span = most is { } bound ? (long)(bound.TotalSeconds * time.TimestampFrequency) : 0;
            reason = why;
            due = span > 0 ? time.GetTimestamp() + span : long.MaxValue;
            Arm();
        }
    }

    /// <summary>The client's deadline is kept: a stream has begun.</summary>
    public void KeepDeadline()
    {
        if (deadline is { IsTotal: false }) heedsDeadline = false;
    }

    /// <summary>Something came.</summary>
    public void Touch()
    {
        if (span > 0) Volatile.Write(ref due, time.GetTimestamp() + span);
    }

    /// <summary>While the client reads slowly the upstream is not to blame.</summary>
    public void Pause() => Volatile.Write(ref due, long.MaxValue);

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private long Due => pulse is null ? Volatile.Read(ref due) : Math.Max(Volatile.Read(ref due), pulse.MovedAt + span);

    private long Next => Math.Min(Due, deadline is not null && heedsDeadline ? deadline.At : long.MaxValue);

    private void Arm()
    {
        var next = Next;
        if (next >= armed || next == long.MaxValue) return;
        armed = next;
        var now = time.GetTimestamp();
        timer.Change(next <= now ? TimeSpan.Zero : time.GetElapsedTime(now, next) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        lock (expire)
        {
            armed = long.MaxValue;
            var now = time.GetTimestamp();
            if (Next > now)
            {
                // A pause has no end of its own: look again after the phase's time.
                if (Next == long.MaxValue && span > 0)
                {
                    armed = now + span;
                    timer.Change(time.GetElapsedTime(0, span), Timeout.InfiniteTimeSpan);
                }
                else
                {
                    Arm();
                }

                return;
            }

            if (Expired is not null) return;
            Expired = Due <= now ? reason : Reasons.Deadline;
        }

        try
        {
            expire.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this very moment.
        }
    }
}
