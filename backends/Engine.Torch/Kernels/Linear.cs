using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>A linear layer, its weight packed for the CPU where that is possible. Its input and output are float32 whatever the weight is.</summary>
internal sealed class Linear : IDisposable
{
    private readonly jit.ScriptModule? script;

    /// <param name="weight">[out, in]; owned from here on.</param>
    /// <param name="bias">[out], or null; owned from here on.</param>
    /// <param name="format">What the weight is kept in.</param>
    /// <param name="script">The packed kernels, or null to do without.</param>
    public Linear(Tensor weight, Tensor? bias, WeightFormat format, jit.ScriptModule? script)
    {
        this.script = weight.device_type == DeviceType.CPU ? script : null;
        Suffix = format == WeightFormat.Bf16 ? "_bf16" : "";
        var type = format == WeightFormat.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        weight = weight.to(type);
        if (this.script is null)
        {
            (Weight, Bias) = (weight.DetachFromDisposeScope(), bias?.to(type).DetachFromDisposeScope());
            return;
        }

        // The kernel wants a bias; adding zeros changes nothing and costs nothing.
        Bias = (bias?.to(type) ?? zeros(weight.shape[0], dtype: type)).DetachFromDisposeScope();
        Weight = ((Tensor)this.script.invoke("pack", weight)!).DetachFromDisposeScope();
        weight.Dispose();
    }

    /// <summary>Packed when there is a script: only for the kernels.</summary>
    public Tensor Weight { get; }

    public Tensor? Bias { get; }

    /// <summary>Ending of the kernels' names for its format.</summary>
    public string Suffix { get; }

    public Tensor Apply(Tensor x) => script is not null ? (Tensor)script.invoke("linear" + Suffix, x, Weight, Bias!)!
        : nn.functional.linear(x.to(Weight.dtype), Weight, Bias).to(ScalarType.Float32);

    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
