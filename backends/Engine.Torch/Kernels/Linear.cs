using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>A linear layer, its weight packed for the CPU where that is possible.</summary>
internal sealed class Linear : IDisposable
{
    private readonly jit.ScriptModule? script;

    /// <param name="weight">[out, in]; owned from here on.</param>
    /// <param name="bias">[out], or null; owned from here on.</param>
    /// <param name="script">The packed kernels, or null to do without.</param>
    public Linear(Tensor weight, Tensor? bias, jit.ScriptModule? script)
    {
        this.script = weight.device_type == DeviceType.CPU ? script : null;
        Out = weight.shape[0];
        if (this.script is null)
        {
            (Weight, Bias) = (weight.DetachFromDisposeScope(), bias?.DetachFromDisposeScope());
            return;
        }

        // The kernel wants a bias; adding zeros changes nothing and costs nothing.
        Bias = (bias ?? zeros(Out, dtype: weight.dtype)).DetachFromDisposeScope();
        Weight = ((Tensor)this.script.invoke("pack", weight)!).DetachFromDisposeScope();
        weight.Dispose();
    }

    public long Out { get; }

    /// <summary>Packed when there is a script: only for the kernels.</summary>
    public Tensor Weight { get; }

    public Tensor? Bias { get; }

    public bool Packed => script is not null;

    public Tensor Apply(Tensor x) => script is null ? nn.functional.linear(x, Weight, Bias) : (Tensor)script.invoke("linear", x, Weight, Bias!)!;

    public void Dispose()
    {
        Weight.Dispose();
        Bias?.Dispose();
    }
}
