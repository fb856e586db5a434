using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using Gateway.Engine.Torch.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>An encoder's weights on the device.</summary>
internal sealed class EncoderWeightReader(EncoderSpec spec, EncoderTensors source, Device device, jit.ScriptModule? script)
{
    public Tensor Matrix(string name, int rows, int columns) => Upload(Values(source.Need(name + ".weight", rows, columns)), rows, columns).DetachFromDisposeScope();

    public Norm Norm(string name)
    {
        var (weight, bias) = source.Norm(name);
        return new Norm(NormKind.LayerNorm, Upload(Values(weight), spec.Hidden).DetachFromDisposeScope(),
            bias is null ? null : Upload(Values(bias), spec.Hidden).DetachFromDisposeScope(), spec.NormEpsilon, script);
    }

    /// <summary>Several linears over the same input as one, in their order.</summary>
    public Linear Linear(IReadOnlyList<string> names, int @out, int @in)
    {
        var each = @out / names.Count;
        var weight = new float[checked(@out * @in)];
        float[]? bias = null;
        for (var i = 0; i < names.Count; i++)
        {
            source.Need(names[i] + ".weight", each, @in).Read(0, weight.AsSpan(i * each * @in, each * @in));
            source.Find(names[i] + ".bias", each)?.Read(0, (bias ??= new float[@out]).AsSpan(i * each, each));
        }

        return new Linear(Upload(weight, @out, @in), bias is null ? null : Upload(bias, @out), WeightFormat.F32, script);
    }

    private static float[] Values(StoredTensor stored)
    {
        var values = new float[checked((int)stored.Count)];
        stored.Read(0, values);
        return values;
    }

    private Tensor Upload(float[] values, params ReadOnlySpan<long> shape) => tensor(values, shape.ToArray(), device: device);
}
