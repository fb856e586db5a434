using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>Addition that no collection can disturb: the operator + makes a scalar factor of its own for each sum (see <see cref="Constant"/>).</summary>
internal static class Sum
{
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, Constant.One);

    public static Tensor Plus(this Tensor a, Scalar b) => a.add(b, Constant.One);
}
