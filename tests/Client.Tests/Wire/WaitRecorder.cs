namespace Gateway.Client.Tests.Wire;

/// <summary>A clock on which every wait of the client ends at once and is written down; longer timers, which are timeouts, never fire.</summary>
public sealed class WaitRecorder : TimeProvider
{
    private readonly List<TimeSpan> _waits = [];

    /// <summary>What was waited for, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits => _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.FromMinutes(2) || dueTime < TimeSpan.Zero) return new SilentTimer();
        _waits.Add(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    private sealed class SilentTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
