using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Reads weights by the names of a spec, checks their shapes, and arranges them.</summary>
internal sealed class WeightReader(DecoderSpec spec, TensorSource source, string file, Device device, jit.ScriptModule? script)
{
    // Buffers that old checkpoints carry along and that follow from the configuration.
    private static readonly string[] Ignored = [".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq"];
    private readonly HashSet<string> used = [];

    public Tensor Tensor(string name, params ReadOnlySpan<long> shape) => Upload(Read(Need(name), shape), shape);

    public Norm Norm(string name) => new(spec.Norm, Tensor(name + ".weight", spec.Hidden).DetachFromDisposeScope(),
        spec.Norm == NormKind.LayerNorm ? Tensor(name + ".bias", spec.Hidden).DetachFromDisposeScope() : null, spec.NormEpsilon, script);

    /// <summary>Several linears over the same input as one; <paramref name="turned"/> puts rotary pairs of queries and keys side by side.</summary>
    public Linear Linear(string[] names, int[] outs, int @in, bool turned = false)
    {
        var weight = new float[checked(outs.Sum() * @in)];
        float[]? bias = null;
        var row = 0;
        for (var i = 0; i < names.Length; i++)
        {
            var part = weight.AsSpan(row * @in, outs[i] * @in);
            ReadMatrix(names[i], outs[i], @in).CopyTo(part);
            if (turned && i < 2) SideBySide(part, @in);
            if (Find(names[i] + ".bias") is { } stored)
            {
                bias ??= new float[outs.Sum()];
                var values = bias.AsSpan(row, outs[i]);
                Read(stored, [outs[i]]).CopyTo(values);
                if (turned && i < 2) SideBySide(values, 1);
            }

            row += outs[i];
        }

        return Make(weight, bias, row, @in);
    }

    /// <summary>Weights that nothing asked for mean that the model is not what its configuration says: its numbers would be wrong in silence.</summary>
    public void RefuseLeftovers()
    {
        var left = source.Tensors.Keys.Where(name => !used.Contains(name) && !Ignored.Any(end => name.EndsWith(end, StringComparison.Ordinal))
            && !(spec.TiedHead && name == spec.Names.Head + ".weight")).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw new ModelFolderException(file, $"{left.Count} weight(s) have no place in the architecture '{spec.Architecture}' as config.json describes it, the first is '{left[0]}'");
    }

    /// <summary>One matrix of queries, keys and values, brought into the order of all queries, all keys, all values.</summary>
    public Linear FusedQkv(string name)
    {
        var rows = 3 * spec.Heads * spec.HeadDim;
        var weight = ReadMatrix(name, rows, spec.Hidden);
        var bias = Find(name + ".bias") is { } stored ? Read(stored, [rows]) : null;
        if (spec.Names.Fused == FusedLayout.Interleaved)
        {
            weight = Separate(weight, spec.Hidden);
            if (bias is not null) bias = Separate(bias, 1);
        }

        return Make(weight, bias, rows, spec.Hidden);
    }

    private Linear Make(float[] weight, float[]? bias, int @out, int @in) => new(Upload(weight, @out, @in), bias is null ? null : Upload(bias, @out), script);

    private float[] ReadMatrix(string name, int @out, int @in)
    {
        if (!spec.Names.Transposed || name == spec.Names.Head) return Read(Need(name + ".weight"), [@out, @in]);
        var stored = Read(Need(name + ".weight"), [@in, @out]);
        var turned = new float[stored.Length];
        for (var i = 0; i < @in; i++)
            for (var o = 0; o < @out; o++) turned[(o * @in) + i] = stored[(i * @out) + o];
        return turned;
    }

    /// <summary>Rows (head, half, i) → (head, i, half): a pair that turns together becomes one complex number.</summary>
    private void SideBySide(Span<float> rows, int width)
    {
        var (size, half) = (spec.HeadDim, spec.HeadDim / 2);
        var head = new float[size * width];
        for (var start = 0; start < rows.Length; start += head.Length)
        {
            var here = rows.Slice(start, head.Length);
            here.CopyTo(head);
            for (var i = 0; i < size; i++) head.AsSpan(((i % 2 * half) + (i / 2)) * width, width).CopyTo(here[(i * width)..]);
        }
    }

    /// <summary>Rows (head, 3, d) → (3, head, d).</summary>
    private float[] Separate(float[] rows, int width)
    {
        var separate = new float[rows.Length];
        var size = spec.HeadDim * width;
        for (var head = 0; head < spec.Heads; head++)
            for (var part = 0; part < 3; part++)
                rows.AsSpan(((head * 3) + part) * size, size).CopyTo(separate.AsSpan(((part * spec.Heads) + head) * size));
        return separate;
    }

    private StoredTensor Need(string name) => Find(name) ?? throw new ModelFolderException(file, $"the weight '{name}' is missing");

    private StoredTensor? Find(string name)
    {
        foreach (var candidate in spec.Names.Prefixes.Select(prefix => prefix + name).Append(name))
        {
            if (!source.Tensors.TryGetValue(candidate, out var tensor)) continue;
            used.Add(candidate);
            return tensor;
        }

        return null;
    }

    private float[] Read(StoredTensor stored, ReadOnlySpan<long> shape)
    {
        if (!stored.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFolderException(file, $"the weight '{stored.Name}' has the shape [{string.Join(", ", stored.Shape)}], expected was [{string.Join(", ", shape.ToArray())}]");
        var values = new float[checked((int)stored.Count)];
        stored.Read(0, values);
        return values;
    }

    private Tensor Upload(float[] values, params ReadOnlySpan<long> shape) => tensor(values, shape.ToArray(), device: device);
}
