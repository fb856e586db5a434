using System.Numerics.Tensors;

namespace Gateway.Engine.Encoders;

/// <summary>Mean and variance over the vector, weight and bias.</summary>
/// <param name="weight">[width].</param>
/// <param name="bias">[width], or null.</param>
/// <param name="epsilon">Inside the square root.</param>
public sealed class LayerNormStep(float[] weight, float[]? bias, double epsilon) : ReadoutStep
{
    /// <inheritdoc/>
    public override float[] Apply(float[] vector)
    {
        TensorPrimitives.Subtract(vector, TensorPrimitives.Average<float>(vector), vector);
        var variance = TensorPrimitives.SumOfSquares<float>(vector) / vector.Length;
        TensorPrimitives.Multiply(vector, (float)(1 / Math.Sqrt(variance + epsilon)), vector);
        TensorPrimitives.Multiply(vector, weight, vector);
        if (bias is not null) TensorPrimitives.Add(vector, bias, vector);
        return vector;
    }
}
