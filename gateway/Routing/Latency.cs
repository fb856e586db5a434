using System.Runtime.CompilerServices;

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
    private const int Stale = 8; // after as many more, percentiles are looked at anew

    private readonly Lock gate = new();
    private Recent recent; // below zero: a lower bound
    private long count;
    private long sorted; // how many there were when percentiles were looked at last
    private double average;
    private double p50 = double.NaN;
    private double p95 = double.NaN;

    /// <summary>Moving average in seconds; 0 before the first.</summary>
    public double Average => Volatile.Read(ref average);

    /// <summary>The median of the last 128, or null while there are too few.</summary>
    public TimeSpan? P50 => Time(Percentiles().P50);

    /// <summary>The 95th percentile of the last 128, or null while there are too few.</summary>
    public TimeSpan? P95 => Time(Percentiles().P95);

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
        recent[(int)(count++ % Kept)] = isWhole ? seconds : -seconds;
    }

    // When somebody asks: for most targets nobody does.
    private (double P50, double P95) Percentiles()
    {
        lock (gate)
        {
            if (count >= Fewest && count - sorted >= Stale) Sort_NeedsLock();
            return (p50, p95);
        }
    }

    private void Sort_NeedsLock()
    {
        Span<double> order = stackalloc double[(int)Math.Min(count, Kept)];
        ((ReadOnlySpan<double>)recent)[..order.Length].CopyTo(order);
        order.Sort(static (a, b) => Math.Abs(a).CompareTo(Math.Abs(b)) is not 0 and var way ? way : b.CompareTo(a)); // of equals whole ones first
        (p50, p95, sorted) = (Percentile(order, 0.5), Percentile(order, 0.95), count);
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

    // Beside the fields: a target is a stranger to the processor's cache, and each object more is one more to fetch.
    [InlineArray(Kept)]
    private struct Recent
    {
        private double first;
    }
}
