using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Up, a nonlinearity, down; with a gate, both in one matrix, the gate first. Also one expert of many.</summary>
internal sealed class DenseFeedForward(DecoderSpec spec, Linear up, Linear down) : FeedForward
{
    public Linear Up => up;

    public Linear Down => down;

    public override Tensor Apply(Tensor x, Action<string, Tensor>? observe = null)
    {
        var inside = up.Apply(x); // [tokens, intermediate], twice that with a gate
        if (!spec.Gated) return down.Apply(Activate(inside));
        var half = inside.shape[1] / 2;
        var (gate, value) = (inside.narrow(1, 0, half), inside.narrow(1, half, half));
        if (spec.Experts?.ClampedAt is not { } limit) return down.Apply(Activate(gate) * value);
        gate = gate.clamp_max(limit);
        return down.Apply((value.clamp(-limit, limit) + 1) * gate * sigmoid(gate * 1.702));
    }

    public override void Dispose()
    {
        up.Dispose();
        down.Dispose();
    }

    private Tensor Activate(Tensor x) => spec.Activation switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Gelu => nn.functional.gelu(x),
        Activation.Relu => nn.functional.relu(x),
        _ => GeluTanh(x),
    };

    private static Tensor GeluTanh(Tensor x) => x * 0.5 * (tanh((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)) + 1);
}
