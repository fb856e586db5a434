using System.Numerics.Tensors;

namespace Gateway.Engine.Encoders;

/// <summary>Nonlinearities of dense layers and heads.</summary>
public enum DenseActivation
{
    /// <summary>None.</summary>
    Identity,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x · σ(x).</summary>
    Silu,

    /// <summary>GELU by the error function.</summary>
    Gelu,
}

internal static class DenseActivations
{
    public static void Apply(this DenseActivation activation, Span<float> values)
    {
        switch (activation)
        {
            case DenseActivation.Tanh: TensorPrimitives.Tanh(values, values); break;
            case DenseActivation.Sigmoid: TensorPrimitives.Sigmoid(values, values); break;
            case DenseActivation.Relu: TensorPrimitives.Max(values, 0, values); break;
            case DenseActivation.Silu: Each(values, x => x / (1 + Math.Exp(-x))); break;
            case DenseActivation.Gelu: Each(values, x => x * 0.5 * (1 + Erf(x / Math.Sqrt(2)))); break;
        }
    }

    private static void Each(Span<float> values, Func<double, double> of)
    {
        foreach (ref var value in values) value = (float)of(value);
    }

    /// <summary>Abramowitz and Stegun 7.1.26: at most 1.5e-7 off.</summary>
    private static double Erf(double x)
    {
        var t = 1 / (1 + (0.3275911 * Math.Abs(x)));
        var tail = t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429))))))));
        return Math.CopySign(1 - (tail * Math.Exp(-x * x)), x);
    }
}
