using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace Gateway.Engine.Encoders;

/// <summary>From the hidden states of a text to its vector: pooled, several poolings side by side, then the steps in order. Immutable.</summary>
/// <param name="Hidden">Width of a hidden state.</param>
/// <param name="Pooling">At least one.</param>
/// <param name="Steps">Applied in order.</param>
public sealed record Readout(int Hidden, ImmutableArray<PoolingMode> Pooling, ImmutableArray<ReadoutStep> Steps)
{
    /// <summary>Width of the result.</summary>
    public int Width => Steps.Aggregate(Hidden * Pooling.Length, (width, step) => step.WidthAfter(width));

    /// <summary>The rows that the poolings need.</summary>
    public EncodedRows Rows => Pooling is [PoolingMode.Cls] ? EncodedRows.First : Pooling is [PoolingMode.LastToken] ? EncodedRows.Last : EncodedRows.All;

    /// <summary>Reads one text's vector.</summary>
    /// <param name="rows">[tokens, hidden], or the one row that <see cref="Rows"/> asks for.</param>
    /// <param name="promptTokens">Rows at the start to leave out.</param>
    public float[] Apply(ReadOnlySpan<float> rows, int promptTokens = 0)
    {
        var vector = new float[Hidden * Pooling.Length];
        var counted = Rows == EncodedRows.All ? rows[(Math.Min(promptTokens, (rows.Length / Hidden) - 1) * Hidden)..] : rows;
        for (var i = 0; i < Pooling.Length; i++) Pool(Pooling[i], counted, vector.AsSpan(i * Hidden, Hidden));
        foreach (var step in Steps) vector = step.Apply(vector);
        return vector;
    }

    private void Pool(PoolingMode mode, ReadOnlySpan<float> rows, Span<float> pooled)
    {
        var count = rows.Length / Hidden;
        if (mode is PoolingMode.Cls or PoolingMode.LastToken)
        {
            rows.Slice(mode == PoolingMode.Cls ? 0 : (count - 1) * Hidden, Hidden).CopyTo(pooled);
            return;
        }

        rows[..Hidden].CopyTo(pooled);
        for (var n = 1; n < count; n++)
        {
            var row = rows.Slice(n * Hidden, Hidden);
            if (mode == PoolingMode.Max) TensorPrimitives.Max(pooled, row, pooled);
            else if (mode == PoolingMode.WeightedMean) TensorPrimitives.MultiplyAdd(row, n + 1, pooled, pooled);
            else TensorPrimitives.Add(pooled, row, pooled);
        }

        if (mode == PoolingMode.Mean) TensorPrimitives.Divide(pooled, count, pooled);
        else if (mode == PoolingMode.MeanSqrtLength) TensorPrimitives.Divide(pooled, MathF.Sqrt(count), pooled);
        else if (mode == PoolingMode.WeightedMean) TensorPrimitives.Divide(pooled, count * (count + 1L) / 2f, pooled);
    }
}
