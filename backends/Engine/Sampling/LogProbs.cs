using System.Numerics.Tensors;

namespace Gateway.Engine.Sampling;

/// <summary>Log-probabilities of a row of raw logits: log-softmax, before temperature, penalties and bias.</summary>
public static class LogProbs
{
    /// <summary>Log-probability of a token and the most likely ones beside it; ties go to the lower id.</summary>
    /// <param name="logits">One row.</param>
    /// <param name="token">The token to report.</param>
    /// <param name="top">How many of the most likely to report.</param>
    public static TokenLogProbs Of(ReadOnlySpan<float> logits, int token, int top)
    {
        var normalizer = LogSumExp(logits);
        var best = Best(logits, Math.Min(top, logits.Length));
        var list = new TokenLogProb[best.Length];
        for (var i = 0; i < best.Length; i++) list[i] = new TokenLogProb(best[i], (float)(logits[best[i]] - normalizer));
        return new TokenLogProbs(token, (float)(logits[token] - normalizer), list);
    }

    /// <summary>log Σ exp(logit), safe for any finite values.</summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var max = TensorPrimitives.Max(logits);
        double sum = 0;
        Span<float> part = stackalloc float[256];
        for (var at = 0; at < logits.Length; at += part.Length)
        {
            var slice = logits.Slice(at, Math.Min(part.Length, logits.Length - at));
            var shifted = part[..slice.Length];
            TensorPrimitives.Subtract(slice, max, shifted);
            TensorPrimitives.Exp(shifted, shifted);
            sum += TensorPrimitives.Sum(shifted);
        }

        return max + Math.Log(sum);
    }

    /// <summary>Ids of the largest values, largest first: one pass, a short insertion list.</summary>
    private static int[] Best(ReadOnlySpan<float> logits, int count)
    {
        var ids = new int[count];
        var filled = 0;
        for (var id = 0; id < logits.Length && count > 0; id++)
        {
            if (filled == count && !(logits[id] > logits[ids[count - 1]])) continue;
            var at = filled < count ? filled++ : count - 1;
            for (; at > 0 && logits[id] > logits[ids[at - 1]]; at--) ids[at] = ids[at - 1];
            ids[at] = id;
        }

        return ids;
    }
}
