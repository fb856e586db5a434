namespace Gateway.Engine.Measures;

/// <summary>How often values fell between bounds. One thread observes, any may read; observing allocates nothing.</summary>
/// <param name="bounds">Upper bounds, ascending; a value that equals one is within it.</param>
public sealed class Histogram(params double[] bounds)
{
    private readonly long[] counts = new long[bounds.Length + 1]; // the last of what is beyond all bounds
    private double sum;

    /// <summary>Upper bounds, ascending.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Of all values.</summary>
    public double Sum => Volatile.Read(ref sum);

    /// <summary>Values within each bound, those of lower ones included; the last is of all values.</summary>
    public long[] Cumulative()
    {
        var all = new long[counts.Length];
        var below = 0L;
        for (var i = 0; i < all.Length; i++) all[i] = below += Volatile.Read(ref counts[i]);
        return all;
    }

    internal void Observe(double value)
    {
        var at = 0;
        while (at < bounds.Length && value > bounds[at]) at++;
        Volatile.Write(ref counts[at], counts[at] + 1);
        Volatile.Write(ref sum, sum + value);
    }
}
