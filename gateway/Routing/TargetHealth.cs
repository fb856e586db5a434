using Gateway.Configuration;

namespace Gateway.Routing;

/// <summary>
/// The breaker of one target, its ejection by 429, and its latency. Times are timestamps of the <see cref="TimeProvider"/>. The lock guards a
/// few fields and is never held while anything waits.
/// </summary>
public sealed class TargetHealth(BreakerOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Outcomes window = new(options.Window, time);
    private long openUntil = long.MinValue; // while the breaker is open, or its probes run
    private long ejectedUntil = long.MinValue;
    private long returnedAt = long.MinValue;
    private int inRow;
    private int probesLeft; // more than zero: half open
    private bool probing;
    private (string Reason, string? Detail, long At)? lastFailure;

    /// <summary>How long answers take.</summary>
    public Latency Latency { get; } = new();

    /// <summary><c>closed</c>, <c>open</c>, <c>half-open</c> or <c>ejected</c>, for people.</summary>
    public string State(long now)
    {
        lock (gate) return now < ejectedUntil ? "ejected" : probesLeft == 0 ? "closed" : now < openUntil ? "open" : "half-open";
    }

    /// <summary>Whether a call may be sent.</summary>
    public bool IsAvailable(long now)
    {
        if (Volatile.Read(ref ejectedUntil) > now) return false;
        if (Volatile.Read(ref probesLeft) == 0) return true;
        return Volatile.Read(ref openUntil) <= now && !Volatile.Read(ref probing);
    }

    /// <summary>How long it is not available, as far as is known.</summary>
    public (TimeSpan Wait, bool RateLimited) Wait(long now)
    {
        lock (gate)
        {
            var limited = ejectedUntil > now;
            var until = Math.Max(ejectedUntil, probesLeft > 0 ? openUntil : long.MinValue);
            return (until > now ? time.GetElapsedTime(now, until) : TimeSpan.Zero, limited);
        }
    }

    /// <summary>From a tenth, just after its return, to one.</summary>
    public double Warmth(long now)
    {
        var since = Volatile.Read(ref returnedAt);
        if (since == long.MinValue || options.SlowStart <= TimeSpan.Zero) return 1;
        return Math.Clamp(time.GetElapsedTime(since, now) / options.SlowStart, 0.1, 1);
    }

    /// <summary>Takes a place; half open there is one at a time.</summary>
    public bool TryEnter(long now)
    {
        if (Volatile.Read(ref probesLeft) == 0 && Volatile.Read(ref ejectedUntil) <= now) return true;
        lock (gate)
        {
            if (ejectedUntil > now) return false;
            if (probesLeft == 0) return true;
            if (openUntil > now || probing) return false;
            return probing = true;
        }
    }

    /// <summary>The target answered: a caller's mistake counts as well as a good answer, for it shows that somebody is there.</summary>
    public void Succeeded(long now)
    {
        if (Volatile.Read(ref probesLeft) == 0 && Volatile.Read(ref inRow) == 0)
        {
            window.Add(now, failed: false);
            return;
        }

        lock (gate)
        {
            inRow = 0;
            window.Add(now, failed: false);
            if (probesLeft == 0 || openUntil > now) return; // what was asked before the breaker opened says nothing about now
            probing = false;
            if (--probesLeft == 0) Close(now);
        }
    }

    /// <summary>What went wrong last, more of that where it is known, and when; null while nothing did.</summary>
    public (string Reason, string? Detail, long At)? LastFailure
    {
        get { lock (gate) return lastFailure; }
    }

    /// <summary>It did not answer.</summary>
    public void Failed(long now, string reason = "failed", string? detail = null)
    {
        lock (gate)
        {
            lastFailure = (reason, detail, now);
            window.Add(now, failed: true);
            inRow++;
            if (probesLeft > 0 && openUntil > now) return; // it is known; those that were asked before do not make it longer
            probing = false;
            if (probesLeft > 0 || inRow >= options.Failures || window.Trips(now, options.Failures)) Open(now);
        }
    }

    /// <summary>It asked to be left alone for a while.</summary>
    public void RateLimited(long now, TimeSpan wait, string reason = "http_429")
    {
        lock (gate)
        {
            lastFailure = (reason, null, now);
            probing = false;
            ejectedUntil = Math.Max(ejectedUntil, now + (long)(wait.TotalSeconds * time.TimestampFrequency));
        }
    }

    /// <summary>An attempt ended without saying anything about the target: its caller left.</summary>
    public void Abandoned()
    {
        if (Volatile.Read(ref probesLeft) == 0) return;
        lock (gate) probing = false;
    }

    /// <summary>An active probe found it: it may be tried at once.</summary>
    public void Found(long now)
    {
        lock (gate) if (probesLeft > 0) openUntil = Math.Min(openUntil, now);
    }

    private void Open(long now)
    {
        openUntil = now + (long)(options.Break.TotalSeconds * time.TimestampFrequency);
        probesLeft = options.Probes;
    }

    private void Close(long now)
    {
        returnedAt = now;
        window.Clear();
    }
}
