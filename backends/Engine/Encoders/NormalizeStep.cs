using System.Numerics.Tensors;

namespace Gateway.Engine.Encoders;

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
