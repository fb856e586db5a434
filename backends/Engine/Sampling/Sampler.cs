using System.Numerics.Tensors;

namespace Gateway.Engine.Sampling;

/// <summary>
/// The next token. Order: bias, penalties, temperature, then top-k, top-p, min-p, typical, epsilon and eta, each on what the one before left
/// (as transformers does; penalties count generated tokens as vLLM does). The result depends on the row, the options and the sequence's own chance, on nothing else.
/// One owner thread, for its scratch memory.
/// </summary>
public sealed class Sampler
{
    private float[] probabilities = [];
    private int[] candidates = [];

    /// <summary>Chooses a token and overwrites the row.</summary>
    /// <param name="logits">One row.</param>
    /// <param name="options">How to choose.</param>
    /// <param name="counts">Needed when a penalty is set.</param>
    /// <param name="chance">Needed unless greedy.</param>
    public int Sample(Span<float> logits, SamplingOptions options, TokenCounts? counts, Chance chance)
    {
        Penalties.Apply(logits, options, counts);
        if (options.Temperature == 0) return TensorPrimitives.IndexOfMax<float>(logits);
        var kept = Distribution(logits, options);
        return Draw(kept, chance.NextDouble());
    }

    /// <summary>
    /// Probabilities after every option, for rows whose penalties are applied: what <see cref="Sample"/> draws from. Zero for tokens that
    /// the options exclude. The span is valid until the next call.
    /// </summary>
    public ReadOnlySpan<float> Probabilities(Span<float> logits, SamplingOptions options)
    {
        var kept = Distribution(logits, options);
        var result = new float[logits.Length];
        if (kept < 0) probabilities.AsSpan(0, logits.Length).CopyTo(result);
        for (var i = 0; i < kept; i++) result[candidates[i]] = probabilities[candidates[i]];
        TensorPrimitives.Divide(result, TensorPrimitives.Sum<float>(result), result);
        return result;
    }

    /// <summary>Fills the probabilities; returns the number of candidates, most likely first, or −1 when nothing was excluded.</summary>
    private int Distribution(Span<float> logits, SamplingOptions options)
    {
        if (probabilities.Length < logits.Length) (probabilities, candidates) = (new float[logits.Length], new int[logits.Length]);
        var p = probabilities.AsSpan(0, logits.Length);
        // Shifted before the division: at a tiny temperature the largest logit must not overflow.
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), p);
        TensorPrimitives.Divide(p, (float)Math.Max(options.Temperature, 1e-5), p);
        TensorPrimitives.Exp(p, p);
        var sum = SumOf(p);
        var topK = options.TopK is > 0 && options.TopK < p.Length;
        var cut = Cutoffs.Wanted(options);
        if (!topK && options.TopP >= 1 && options.MinP <= 0 && !cut) return -1;

        var least = 0f;
        if (topK) least = KthLargest(p, options.TopK);
        // The excluded tail weighs less than 1 − p in all, so no token of the nucleus weighs less than its V-th part.
        else if (options.TopP < 1) least = (float)((1 - options.TopP) * sum / p.Length * 0.999);
        if (options.MinP > 0) least = Math.Max(least, topK || options.TopP < 1 ? least : (float)options.MinP);

        var count = 0;
        for (var id = 0; id < p.Length; id++)
            if (p[id] >= least && p[id] > 0) candidates[count++] = id;
        // Most likely first, lower ids first among equals.
        var weights = probabilities;
        candidates.AsSpan(0, count).Sort((a, b) => weights[b].CompareTo(weights[a]) is var order && order != 0 ? order : a.CompareTo(b));
        count = Nucleus(p, count, options, topK ? SumOf(p, count) : sum);
        return cut ? Cutoffs.Apply(p, candidates.AsSpan(0, count), options) : count;
    }

    private int Nucleus(ReadOnlySpan<float> p, int count, SamplingOptions options, double sum)
    {
        if (options.TopP < 1)
        {
            double before = 0;
            var kept = 0;
            // A token stays while those before it have not reached top-p.
            while (kept < count && (kept == 0 || before < options.TopP * sum)) before += p[candidates[kept++]];
            count = kept;
        }

        if (options.MinP > 0)
        {
            var least = p[candidates[0]] * (float)options.MinP;
            while (count > 1 && p[candidates[count - 1]] < least) count--;
        }

        return count;
    }

    private int Draw(int kept, double at)
    {
        var p = probabilities;
        if (kept < 0)
        {
            var goal = at * SumOf(p.AsSpan(0, p.Length));
            double passed = 0;
            var last = 0;
            for (var id = 0; id < p.Length; id++)
            {
                if (p[id] <= 0) continue;
                passed += p[id];
                last = id;
                if (passed > goal) return id;
            }

            return last;
        }

        var target = at * SumOf(p, kept);
        double sum = 0;
        for (var i = 0; i < kept; i++)
        {
            sum += p[candidates[i]];
            if (sum > target) return candidates[i];
        }

        return candidates[kept - 1];
    }

    private double SumOf(ReadOnlySpan<float> p, int count)
    {
        double sum = 0;
        for (var i = 0; i < count; i++) sum += p[candidates[i]];
        return sum;
    }

    /// <summary>In double, in blocks: a vocabulary of float32 sums would lose the tail.</summary>
    private static double SumOf(ReadOnlySpan<float> p)
    {
        double sum = 0;
        for (var at = 0; at < p.Length; at += 1024) sum += TensorPrimitives.Sum(p.Slice(at, Math.Min(1024, p.Length - at)));
        return sum;
    }

    /// <summary>The k-th largest value, by a heap of k; everything equal to it is kept.</summary>
    private static float KthLargest(ReadOnlySpan<float> values, int k)
    {
        var heap = new PriorityQueue<float, float>(k);
        foreach (var value in values)
        {
            if (heap.Count < k) heap.Enqueue(value, value);
            else if (value > heap.Peek()) heap.EnqueueDequeue(value, value);
        }

        return heap.Peek();
    }
}
