using Gateway.Engine.Models;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>The nonlinearities of feed-forward parts.</summary>
internal static class Nonlinearity
{
    public static Tensor Apply(Activation kind, Tensor x) => kind switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Gelu => nn.functional.gelu(x),
        Activation.Relu => nn.functional.relu(x),
        _ => x * Constant.Half * tanh(x.Plus(x * x * x * Constant.GeluCube) * Constant.GeluScale).Plus(Constant.One),
    };
}
