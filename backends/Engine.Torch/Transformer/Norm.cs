using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>A norm over the last dimension.</summary>
internal sealed class Norm(NormKind kind, Tensor weight, Tensor? bias, double epsilon, jit.ScriptModule? script) : IDisposable
{
    private readonly long[] shape = [weight.shape[0]];
    private readonly Scalar epsilonScalar = epsilon;

    public Tensor Weight => weight;

    public Tensor Apply(Tensor x)
    {
        if (kind == NormKind.LayerNorm) return nn.functional.layer_norm(x, shape, weight, bias, epsilon);
        if (script is not null) return (Tensor)script.invoke("rms", x, weight, epsilonScalar)!;
        return x * rsqrt((x * x).mean([-1], keepdim: true).Plus(epsilonScalar)) * weight;
    }

    public void Dispose()
    {
        weight.Dispose();
        bias?.Dispose();
    }
}
