using TorchSharp;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>
/// Numbers that operators take. Never pass a number that becomes a <see cref="Scalar"/> on the way: TorchSharp gives its native pointer away without
/// holding on to the object, and a collection at the wrong moment frees it under the operator's hands. What is held here or in a field is safe.
/// </summary>
internal static class Constant
{
    public static readonly Scalar One = 1.0;
    public static readonly Scalar Half = 0.5;
    public static readonly Scalar GeluCube = 0.044715;
    public static readonly Scalar GeluScale = Math.Sqrt(2 / Math.PI);
    public static readonly Scalar ClampedSigmoid = 1.702;
}
