namespace Gateway.Engine.Sampling;

/// <summary>
/// Filters that look at the entropy of what is left: typical, epsilon and eta, in transformers' order. Each works on the candidates that
/// the ones before it kept, with their weights taken as a distribution.
/// </summary>
internal static class Cutoffs
{
    public static bool Wanted(SamplingOptions options) => options.TypicalP < 1 || options.EpsilonCutoff > 0 || options.EtaCutoff > 0;

    /// <param name="weights">By token; need not sum to 1.</param>
    /// <param name="candidates">Most likely first; those that stay come first afterwards, in the same order.</param>
    /// <param name="options">Which filters.</param>
    /// <returns>How many stay, at least one.</returns>
    public static int Apply(ReadOnlySpan<float> weights, Span<int> candidates, SamplingOptions options)
    {
        if (options.TypicalP < 1) candidates = candidates[..Typical(weights, candidates, options.TypicalP)];
        if (options.EpsilonCutoff > 0) candidates = candidates[..Floor(weights, candidates, options.EpsilonCutoff * Sum(weights, candidates))];
        if (options.EtaCutoff > 0)
        {
            var sum = Sum(weights, candidates);
            var eta = Math.Min(options.EtaCutoff, Math.Sqrt(options.EtaCutoff) * Math.Exp(-Entropy(weights, candidates, sum)));
            candidates = candidates[..Floor(weights, candidates, eta * sum)];
        }

        return candidates.Length;
    }

    private static int Typical(ReadOnlySpan<float> weights, Span<int> candidates, double mass)
    {
        var sum = Sum(weights, candidates);
        var entropy = Entropy(weights, candidates, sum);
        var distances = new double[candidates.Length];
        var order = new int[candidates.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            distances[i] = Math.Abs(-Math.Log(weights[candidates[i]] / sum) - entropy);
        }

        var sorted = (double[])distances.Clone();
        Array.Sort(sorted, order);
        double before = 0;
        var last = 0;
        for (; last < order.Length - 1; last++)
        {
            before += weights[candidates[order[last]]] / sum;
            if (before >= mass) break;
        }

        // Everything as typical as the last one stays; rounding must not part equals.
        var furthest = sorted[last] + 1e-6;
        var kept = 0;
        for (var i = 0; i < candidates.Length; i++)
            if (distances[i] <= furthest) candidates[kept++] = candidates[i];
        return kept;
    }

    private static int Floor(ReadOnlySpan<float> weights, ReadOnlySpan<int> candidates, double least)
    {
        var kept = candidates.Length;
        while (kept > 1 && weights[candidates[kept - 1]] < least && weights[candidates[kept - 1]] < weights[candidates[0]]) kept--;
        return kept;
    }

    private static double Sum(ReadOnlySpan<float> weights, ReadOnlySpan<int> candidates)
    {
        double sum = 0;
        foreach (var id in candidates) sum += weights[id];
        return sum;
    }

    private static double Entropy(ReadOnlySpan<float> weights, ReadOnlySpan<int> candidates, double sum)
    {
        double entropy = 0;
        foreach (var id in candidates)
        {
            var p = weights[id] / sum;
            if (p > 0) entropy -= p * Math.Log(p);
        }

        return entropy;
    }
}
