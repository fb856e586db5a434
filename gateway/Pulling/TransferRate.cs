namespace Gateway.Pulling;

/// <summary>Bytes per second over the last seconds, and the time left at that rate. Not thread-safe.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(long At, long Bytes)> samples = [];

    /// <summary>Notes how many bytes are there now, and returns the rate, 0 where nothing is known yet.</summary>
    public double Sample(long bytes)
    {
        var now = time.GetTimestamp();
        samples.Enqueue((now, bytes));
        while (samples.Count > 2 && time.GetElapsedTime(samples.Peek().At, now) > Window) samples.Dequeue();
        var seconds = time.GetElapsedTime(samples.Peek().At, now).TotalSeconds;
        return seconds > 0 ? Math.Max(0, (bytes - samples.Peek().Bytes) / seconds) : 0;
    }

    /// <summary>Null where it would be a guess.</summary>
    public static TimeSpan? Left(long bytes, double rate) => rate > 0 && bytes / rate < 1e8 ? TimeSpan.FromSeconds(Math.Ceiling(bytes / rate)) : null;
}
