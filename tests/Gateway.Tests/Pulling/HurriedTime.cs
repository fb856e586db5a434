using System.Collections.Concurrent;

namespace Gateway.Tests.Pulling;

/// <summary>Pauses end at once and are noted; time limits stand.</summary>
internal sealed class HurriedTime : TimeProvider
{
    /// <summary>Timers of this length are time limits and not pauses.</summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(30);

    public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Limit || dueTime == Timeout.InfiniteTimeSpan) return base.CreateTimer(callback, state, dueTime, period);
        Pauses.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
