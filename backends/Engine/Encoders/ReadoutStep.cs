using System.Numerics.Tensors;

namespace Gateway.Engine.Encoders;

/// <summary>One step from a pooled vector to the result.</summary>
public abstract class ReadoutStep
{
    /// <summary>Width of the result for an input of <paramref name="width"/>.</summary>
    public virtual int WidthAfter(int width) => width;

    /// <summary>The result; the input may be changed.</summary>
    public abstract float[] Apply(float[] vector);
}

/// <summary>Divides by the Euclidean norm; a vector of zeros stays.</summary>
public sealed class NormalizeStep : ReadoutStep
{
    private const float Smallest = 1e-12f; // as torch.nn.functional.normalize

    /// <inheritdoc/>
    public override float[] Apply(float[] vector)
    {
        Normalize(vector);
        return vector;
    }

    /// <summary>In place.</summary>
    public static void Normalize(Span<float> vector) => TensorPrimitives.Divide(vector, MathF.Max(TensorPrimitives.Norm<float>(vector), Smallest), vector);
}

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
