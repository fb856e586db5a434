namespace Gateway.Engine.Models;

/// <summary>How much each head loses a key for its distance (Press et al., 2022).</summary>
public static class AlibiSlopes
{
    /// <summary>A geometric series; counts that are no power of two take every other slope of the next one for the rest.</summary>
    public static float[] Of(int heads)
    {
        var power = 1 << (int)Math.Floor(Math.Log2(heads));
        var slopes = Enumerable.Range(1, power).Select(i => Math.Pow(2, -8.0 * i / power));
        var rest = Enumerable.Range(0, heads - power).Select(i => Math.Pow(2, -4.0 * ((2 * i) + 1) / power));
        return [.. slopes.Concat(rest).Select(slope => (float)slope)];
    }
}
