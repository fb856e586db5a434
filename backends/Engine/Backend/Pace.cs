namespace Gateway.Engine.Backend;

/// <summary>How fast sequences end, for telling a refused caller when to come back. Written by the engine's thread, read by any.</summary>
internal sealed class Pace(TimeProvider time)
{
    private const double Weight = 0.1; // of the newest interval in the running mean
    private long lastEnd = time.GetTimestamp();
    private double secondsPerSequence = 1;

    public void Ended()
    {
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(lastEnd, now).TotalSeconds;
        lastEnd = now;
        Volatile.Write(ref secondsPerSequence, (secondsPerSequence * (1 - Weight)) + (Math.Min(seconds, 60) * Weight));
    }

    /// <summary>When half of the queue will have gone, between one second and a minute.</summary>
    public TimeSpan Estimate(int queued) => TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(queued * Volatile.Read(ref secondsPerSequence) / 2), 1, 60));
}
