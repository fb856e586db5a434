using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Up, a nonlinearity, down; with a gate, both in one matrix, the gate first. Also one expert of many.</summary>
internal sealed class DenseFeedForward(DecoderSpec spec, Linear up, Linear down) : FeedForward
{
    private readonly Scalar? most = spec.Experts?.ClampedAt;
    private readonly Scalar? least = -spec.Experts?.ClampedAt;

    public Linear Up => up;

    public Linear Down => down;

    public override Tensor Apply(Tensor x, Action<string, Tensor>? observe = null)
    {
        var inside = up.Apply(x); // [tokens, intermediate], twice that with a gate
        if (!spec.Gated) return down.Apply(Nonlinearity.Apply(spec.Activation, inside));
        var half = inside.shape[1] / 2;
        var (gate, value) = (inside.narrow(1, 0, half), inside.narrow(1, half, half));
        if (most is null) return down.Apply(Nonlinearity.Apply(spec.Activation, gate) * value);
        gate = gate.clamp_max(most);
        return down.Apply(value.clamp(least, most).Plus(Constant.One) * gate * sigmoid(gate * Constant.ClampedSigmoid));
    }

    public override void Dispose()
    {
        up.Dispose();
        down.Dispose();
    }
}
