using System.Runtime.InteropServices;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Reads weights by the names of a spec, checks their shapes, and arranges them. Each is read straight into its tensor: nothing is held twice.</summary>
internal sealed class WeightReader(DecoderSpec spec, TensorSource source, string file, Device device, jit.ScriptModule? script)
{
    // Buffers that old checkpoints carry along and that follow from the configuration.
    private static readonly string[] Ignored = [".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"];
    private readonly HashSet<string> used = [];

    /// <summary>A weight of exactly this shape, on the device.</summary>
    public Tensor Tensor(string name, params ReadOnlySpan<long> shape) => Read(Need(name), shape).to(device);

    public Tensor? Optional(string? name, params ReadOnlySpan<long> shape) => name is null ? null : Tensor(name, shape).DetachFromDisposeScope();

    public Norm? Norm(string? name) => name is null ? null : new(spec.Norm, NormWeight(Tensor(name + ".weight", spec.Hidden)),
        spec.Norm == NormKind.LayerNorm ? Tensor(name + ".bias", spec.Hidden).DetachFromDisposeScope() : null, spec.NormEpsilon, script);

    /// <summary>A norm over each head, its weight in the order of the dimensions that turn.</summary>
    public Norm? HeadNorm(string? name, RotarySpec? rotary) => name is null ? null : new(NormKind.RmsNorm,
        NormWeight(Turning(Read(Need(name + ".weight"), [spec.HeadDim]), rotary).to(device)), null, spec.NormEpsilon, script);

    /// <summary>Several linears over the same input as one.</summary>
    public Linear Linear(string[] names, int[] outs, int @in) =>
        Make(cat([.. names.Select((name, i) => Matrix(name, outs[i], @in))]), Bias(names, outs));

    /// <summary>Queries, keys and values as one linear in this order, whatever the checkpoint has; rotary pairs side by side.</summary>
    public Linear Qkv(string[] names, RotarySpec? rotary)
    {
        var (q, kv) = (spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim);
        long[] outs = [q, kv, kv];
        var weight = names.Length == 1 ? Separate(Matrix(names[0], q + (2 * kv), spec.Hidden)) : cat([.. names.Select((name, i) => Matrix(name, (int)outs[i], spec.Hidden))]);
        var bias = names.Length == 1 ? Bias(names, [q + (2 * kv)]) is { } fused ? Separate(fused) : null : Bias(names, [q, kv, kv]);
        Tensor Turned(Tensor all)
        {
            var parts = all.split(outs);
            return cat([Turning(parts[0], rotary), Turning(parts[1], rotary), parts[2]]);
        }

        return Make(Turned(weight), bias is null ? null : Turned(bias));
    }

    /// <summary>The experts of a layer that are stored together: [experts, in, out], gate and up in turn.</summary>
    public (Linear Up, Linear Down)[] ExpertsTogether(string name, ExpertSpec experts)
    {
        var (count, hidden, inside) = (experts.Count, spec.Hidden, experts.Intermediate);
        var up = Read(Need(name + ".gate_up_proj"), [count, hidden, 2 * inside]);
        var upBias = Read(Need(name + ".gate_up_proj_bias"), [count, 2 * inside]);
        var down = Read(Need(name + ".down_proj"), [count, inside, hidden]);
        var downBias = Read(Need(name + ".down_proj_bias"), [count, hidden]);
        Tensor Apart(Tensor rows) => cat([rows[TensorIndex.Slice(0, null, 2)], rows[TensorIndex.Slice(1, null, 2)]]); // gate rows, then up rows
        return [.. Enumerable.Range(0, count).Select(e => (Make(Apart(up[e].t()), Apart(upBias[e])), Make(down[e].t().contiguous(), downBias[e].clone())))];
    }

    /// <summary>Weights that nothing asked for mean that the model is not what its configuration says: its numbers would be wrong in silence.</summary>
    /// <param name="head">Whether a head was wanted; an unwanted one is left where it is.</param>
    public void RefuseLeftovers(bool head)
    {
        var left = source.Tensors.Keys.Where(name => !used.Contains(name) && !Ignored.Any(end => name.EndsWith(end, StringComparison.Ordinal))
            && !((spec.TiedHead || !head) && name == spec.Names.Head + ".weight")).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw new ModelFolderException(file, $"{left.Count} weight(s) have no place in the architecture '{spec.Architecture}' as config.json describes it, the first is '{left[0]}'");
    }

    private Linear Make(Tensor weight, Tensor? bias) => new(weight.to(device), bias?.to(device), script);

    private Tensor NormWeight(Tensor weight) => (spec.UnitOffsetNorm ? weight + 1 : weight).DetachFromDisposeScope();

    /// <summary>[out, in].</summary>
    private Tensor Matrix(string name, int @out, int @in) => spec.Names.Transposed && name != spec.Names.Head
        ? Read(Need(name + ".weight"), [@in, @out]).t()
        : Read(Need(name + ".weight"), [@out, @in]);

    /// <summary>Biases one after the other, zeros where only some linears have one; null where none has.</summary>
    private Tensor? Bias(string[] names, int[] outs)
    {
        var biases = names.Select((name, i) => Find(name + ".bias") is { } stored ? Read(stored, [outs[i]]) : null).ToArray();
        return biases.All(bias => bias is null) ? null : cat([.. biases.Select((bias, i) => bias ?? zeros(outs[i]))]);
    }

    /// <summary>Rows (head, half, i) → (head, i, half): a pair that turns together becomes one complex number.</summary>
    private Tensor Turning(Tensor rows, RotarySpec? rotary)
    {
        if (rotary is null) return rows;
        var (size, turned) = (spec.HeadDim, rotary.Turned);
        var heads = rows.view(-1, size, rows.numel() / rows.shape[0]); // [heads, headDim, in]
        var pairs = heads.narrow(1, 0, turned).reshape(heads.shape[0], 2, turned / 2, -1).transpose(1, 2).reshape(heads.shape[0], turned, -1); // [heads, turned, in]
        var all = turned == size ? pairs : cat([pairs, heads.narrow(1, turned, size - turned)], 1);
        return all.reshape(rows.shape);
    }

    /// <summary>Rows (head, 3, d) → (3, head, d).</summary>
    private Tensor Separate(Tensor rows) => spec.Names.Fused == FusedLayout.Blocks ? rows
        : rows.reshape(spec.Heads, 3, spec.HeadDim, -1).transpose(0, 1).reshape(rows.shape);

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

    private Tensor Read(StoredTensor stored, ReadOnlySpan<long> shape)
    {
        if (!stored.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFolderException(file, $"the weight '{stored.Name}' has the shape [{string.Join(", ", stored.Shape)}], expected was [{string.Join(", ", shape.ToArray())}]");
        const long Piece = 1 << 22;
        var tensor = empty(shape.ToArray(), ScalarType.Float32);
        using var flat = tensor.view(-1);
        Parallel.For(0, (stored.Count + Piece - 1) / Piece, piece =>
        {
            var start = piece * Piece;
            using var part = flat.narrow(0, start, Math.Min(Piece, stored.Count - start));
            stored.Read(start, MemoryMarshal.Cast<byte, float>(part.bytes));
        });
        return tensor;
    }
}
