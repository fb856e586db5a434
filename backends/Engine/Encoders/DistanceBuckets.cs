namespace Gateway.Engine.Encoders;

/// <summary>
/// T5's relative positions (Raffel et al., 2020) as MPNet uses them: half of the buckets for keys before the query, half for keys after it; in
/// each half near distances have a bucket of their own and far ones share buckets that widen by the logarithm, up to 128 positions.
/// </summary>
public static class DistanceBuckets
{
    private const int FarthestApart = 128;

    /// <summary>The bucket of a distance.</summary>
    /// <param name="distance">Position of the key minus that of the query.</param>
    /// <param name="buckets">How many there are, a multiple of four.</param>
    public static int Of(int distance, int buckets)
    {
        var half = buckets / 2;
        var apart = Math.Abs(distance);
        var exact = half / 2;
        // Single precision and truncation decide at the borders, so they are the reference's.
        var near = apart < exact ? apart : Math.Min(half - 1, exact + (int)(MathF.Log((float)apart / exact) / (float)Math.Log((double)FarthestApart / exact) * (half - exact)));
        return distance > 0 ? half + near : near;
    }
}
