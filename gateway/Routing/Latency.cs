namespace Gateway.Routing;

/// <summary>How long a target took to answer: to a stream's first data event, or to a plain answer's head. Thread-safe.</summary>
public sealed class Latency
{
    private const double Newest = 0.2;
    private const int Kept = 128;
    private const int Fewest = 16; // before which a percentile says nothing

    private readonly Lock gate = new();
    private readonly double[] recent = new double[Kept];
    private long count;
    private double average;
    private double p95 = double.NaN;

    /// <summary>Moving average in seconds; 0 before the first.</summary>
    public double Average => Volatile.Read(ref average);

    /// <summary>The 95th percentile of the last 128, or null while there are too few.</summary>
    public TimeSpan? P95 => Volatile.Read(ref p95) is var seconds && double.IsNaN(seconds) ? null : TimeSpan.FromSeconds(seconds);

    /// <summary>One more.</summary>
    public void Add(TimeSpan elapsed)
    {
        var seconds = elapsed.TotalSeconds;
        lock (gate)
        {
            average = count == 0 ? seconds : average + (Newest * (seconds - average));
            recent[count++ % Kept] = seconds;
            if (count < Fewest || count % 8 != 0) return;
            Span<double> sorted = stackalloc double[(int)Math.Min(count, Kept)];
            recent.AsSpan(0, sorted.Length).CopyTo(sorted);
            sorted.Sort();
            p95 = sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1];
        }
    }
}
