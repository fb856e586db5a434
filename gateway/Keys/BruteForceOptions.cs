namespace Gateway.Keys;

/// <summary>How many wrong keys an address may bring. A right key is answered at once, whatever else comes from its address.</summary>
public sealed record BruteForceOptions
{
    /// <summary>What counts together.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>So many are refused at once; later ones wait.</summary>
    public int Free { get; init; } = 20;

    /// <summary>For so long.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After so many the answer is 429 until the window is over.</summary>
    public int Most { get; init; } = 100;
}
