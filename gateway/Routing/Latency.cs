namespace Gateway.Routing;

/// <summary>
/// How long a target takes to answer: to a stream's first data event, or to a plain answer's head. Answers that were not waited for count by
/// what is known of them, that they would have taken longer: else one that always loses the race to a hedge would look like one
/// that is never asked. Thread-safe.
/// </summary>
public sealed class Latency
{
    private const double Newest = 0.2;
    private const int Kept = 128;
    private const int Fewest = 16; // before which a percentile says nothing

    private readonly Lock gate = new();
    private readonly double[] recent = new double[Kept]; // below zero: a lower bound
    private long count;
    private double average;
    private double p50 = double.NaN;
    private double p95 = double.NaN;

    /// <summary>Moving average in seconds; 0 before the first.</summary>
    public double Average => Volatile.Read(ref average);

    /// <summary>The median of the last 128, or null while there are too few.</summary>
    public TimeSpan? P50 => Time(Volatile.Read(ref p50));

    /// <summary>The 95th percentile of the last 128, or null while there are too few.</summary>
    public TimeSpan? P95 => Time(Volatile.Read(ref p95));

    /// <summary>One more.</summary>
    public void Add(TimeSpan elapsed)
    {
        lock (gate) Add_NeedsLock(elapsed.TotalSeconds, isWhole: true);
    }

    /// <summary>One more that had not answered by then, and was not waited for any longer.</summary>
    public void AddAtLeast(TimeSpan elapsed)
    {
        lock (gate) Add_NeedsLock(elapsed.TotalSeconds, isWhole: false);
    }

    private void Add_NeedsLock(double seconds, bool isWhole)
    {
        // That it takes longer than less than the average is known already.
        if (count == 0) average = seconds;
        else if (isWhole || seconds > average) average += Newest * (seconds - average);
        recent[count++ % Kept] = isWhole ? seconds : -seconds;
        if (count < Fewest || count % 8 != 0) return;
        Span<double> sorted = stackalloc double[(int)Math.Min(count, Kept)];
        recent.AsSpan(0, sorted.Length).CopyTo(sorted);
        sorted.Sort(static (a, b) => Math.Abs(a).CompareTo(Math.Abs(b)) is not 0 and var order ? order : b.CompareTo(a)); // of equals whole ones first
        (p50, p95) = (Percentile(sorted, 0.5), Percentile(sorted, 0.95));
    }

    // By the product limit (Kaplan and Meier, 1958): the share that is left of an unfinished one counts with all that took longer.
    private static double Percentile(ReadOnlySpan<double> sorted, double share)
    {
        var longer = 1.0;
        for (var at = 0; at < sorted.Length; at++)
        {
            if (sorted[at] < 0) continue;
            longer *= 1 - (1.0 / (sorted.Length - at));
            if (longer <= 1 - share + 1e-9) return sorted[at];
        }

        return Math.Abs(sorted[^1]); // at least: more of them are unfinished
    }

    private static TimeSpan? Time(double seconds) => double.IsNaN(seconds) ? null : TimeSpan.FromSeconds(seconds);
}
