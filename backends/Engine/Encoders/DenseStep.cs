using System.Numerics.Tensors;

namespace Gateway.Engine.Encoders;

/// <summary>A linear layer with its activation.</summary>
/// <param name="weight">[out, in], row major.</param>
/// <param name="bias">[out], or null.</param>
/// <param name="activation">Of each result.</param>
public sealed class DenseStep(float[] weight, float[]? bias, int @out, DenseActivation activation) : ReadoutStep
{
    /// <inheritdoc/>
    public override int WidthAfter(int width) => @out;

    /// <inheritdoc/>
    public override float[] Apply(float[] vector)
    {
        var result = new float[@out];
        for (var o = 0; o < @out; o++)
            result[o] = TensorPrimitives.Dot(weight.AsSpan(o * vector.Length, vector.Length), vector) + (bias?[o] ?? 0);
        activation.Apply(result);
        return result;
    }
}
