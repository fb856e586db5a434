using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using Gateway.Engine.Torch.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>Reads an encoder's weights by the names of its spec and checks their shapes.</summary>
internal sealed class EncoderWeightReader(EncoderSpec spec, TensorSource source, string file, Device device, jit.ScriptModule? script)
{
    private readonly HashSet<string> used = [];

    public Tensor Matrix(string name, long rows) => Upload(Read(name + ".weight", rows, spec.Hidden), rows, spec.Hidden).DetachFromDisposeScope();

    /// <summary>[buckets, heads].</summary>
    public Tensor Distances(string name) => Upload(Read(name + ".weight", spec.DistanceBuckets, spec.Heads), spec.DistanceBuckets, spec.Heads).DetachFromDisposeScope();

    public Norm Norm(string name)
    {
        // Checkpoints from before PyTorch call weight and bias gamma and beta.
        var bias = Find(name + ".bias") ?? Find(name + ".beta");
        var weight = Find(name + ".weight") ?? Find(name + ".gamma") ?? throw Missing(name + ".weight");
        return new Norm(NormKind.LayerNorm, Upload(Values(weight, spec.Hidden), spec.Hidden).DetachFromDisposeScope(),
            bias is null ? null : Upload(Values(bias, spec.Hidden), spec.Hidden).DetachFromDisposeScope(), spec.NormEpsilon, script);
    }

    /// <summary>Several linears over the same input as one, in their order.</summary>
    public Linear Linear(IReadOnlyList<string> names, int @out, int @in)
    {
        var each = @out / names.Count;
        var weight = new float[checked(@out * @in)];
        float[]? bias = null;
        for (var i = 0; i < names.Count; i++)
        {
            Read(names[i] + ".weight", each, @in).CopyTo(weight.AsSpan(i * each * @in));
            if (Find(names[i] + ".bias") is { } stored) Values(stored, each).CopyTo((bias ??= new float[@out]).AsSpan(i * each));
        }

        return new Linear(Upload(weight, @out, @in), bias is null ? null : Upload(bias, @out), WeightFormat.F32, script);
    }

    /// <summary>Weights that nothing asked for mean that the model is not what its configuration says: its numbers would be wrong in silence.</summary>
    public void RefuseLeftovers()
    {
        var left = source.Tensors.Keys.Where(name => !used.Contains(name) && !Besides(name)).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw new ModelFolderException(file, $"{left.Count} weight(s) have no place in the encoder '{spec.Architecture}' as config.json describes it, the first is '{left[0]}'");
    }

    private bool Besides(string name) =>
        spec.Names.Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal) && spec.Names.Besides.Any(start => name.AsSpan(prefix.Length).StartsWith(start)));

    private float[] Read(string name, params ReadOnlySpan<long> shape) => Values(Find(name) ?? throw Missing(name), shape);

    private ModelFolderException Missing(string name) => new(file, $"the weight '{name}' is missing");

    private StoredTensor? Find(string name)
    {
        foreach (var prefix in spec.Names.Prefixes)
        {
            if (!source.Tensors.TryGetValue(prefix + name, out var tensor)) continue;
            used.Add(prefix + name);
            return tensor;
        }

        return null;
    }

    private float[] Values(StoredTensor stored, params ReadOnlySpan<long> shape)
    {
        if (!stored.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFolderException(file, $"the weight '{stored.Name}' has the shape [{string.Join(", ", stored.Shape)}], expected was [{string.Join(", ", shape.ToArray())}]");
        var values = new float[checked((int)stored.Count)];
        stored.Read(0, values);
        return values;
    }

    private Tensor Upload(float[] values, params ReadOnlySpan<long> shape) => tensor(values, shape.ToArray(), device: device);
}
