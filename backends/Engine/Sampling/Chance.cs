namespace Gateway.Engine.Sampling;

/// <summary>
/// A sequence's own stream of random numbers (SplitMix64; Steele, Lea and Flood, 2014): the same seed gives the same numbers whatever
/// else is being served.
/// </summary>
public sealed class Chance(long seed)
{
    private ulong state = unchecked((ulong)seed);

    /// <summary>Uniform in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
