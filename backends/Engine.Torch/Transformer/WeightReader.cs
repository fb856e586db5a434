using System.Runtime.InteropServices;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Reads weights by the names of a spec, checks their shapes, and arranges them. Nothing is held twice. Any thread may read.</summary>
internal sealed class WeightReader(DecoderSpec spec, TensorSource source, string file, Device device, WeightFormat format, jit.ScriptModule? script) : IDisposable
{
    private readonly NamedWeights weights = new(spec, source, file);
    private readonly jit.ScriptModule? norm = device.type == DeviceType.CPU ? script : Script.ForNorm;
    private readonly ThreadLocal<Tensor?> scratch = new(trackAllValues: true);

    /// <summary>A weight of exactly this shape, on the device.</summary>
    public Tensor Tensor(string name, params ReadOnlySpan<long> shape) => Read(name, shape).to(device);

    public Tensor? Optional(string? name, params ReadOnlySpan<long> shape) => name is null ? null : Tensor(name, shape).DetachFromDisposeScope();

    public Norm? Norm(string? name) => name is null ? null : new(spec.Norm, NormWeight(Tensor(name + ".weight", spec.Hidden)),
        spec.Norm == NormKind.LayerNorm ? Tensor(name + ".bias", spec.Hidden).DetachFromDisposeScope() : null, spec.NormEpsilon, norm);

    /// <summary>A norm over each head, its weight in the order of the dimensions that turn.</summary>
    public Norm? HeadNorm(string? name, RotarySpec? rotary) => name is null ? null : new(NormKind.RmsNorm,
        NormWeight(Turning(Read(name + ".weight", spec.HeadDim), rotary).to(device)), null, spec.NormEpsilon, norm);

    /// <summary>Several linears over the same input as one.</summary>
    public Linear Linear(string[] names, int[] outs, int @in)
    {
        var weight = Buffer(outs.Sum(), @in);
        for (var (i, row) = (0, 0); i < names.Length; row += outs[i++]) ReadMatrix(names[i], weight.narrow(0, row, outs[i]));
        return Make(weight, Bias(names, outs));
    }

    /// <summary>Queries, keys and values as one linear in this order, whatever the checkpoint has; rotary pairs side by side.</summary>
    public Linear Qkv(string[] names, RotarySpec? rotary)
    {
        var (q, kv) = (spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim);
        int[] outs = names.Length == 1 ? [q + (2 * kv)] : [q, kv, kv];
        var weight = Buffer(q + (2 * kv), spec.Hidden);
        for (var (i, row) = (0, 0); i < names.Length; row += outs[i++]) ReadMatrix(names[i], weight.narrow(0, row, outs[i]));
        var bias = Bias(names, outs);
        foreach (var rows in (Tensor?[])[weight, bias])
        {
            if (rows is null) continue;
            if (names.Length == 1 && spec.Names.Fused == FusedLayout.Interleaved) rows.copy_(Separate(rows));
            if (rotary is null) continue;
            rows.narrow(0, 0, q).copy_(Turning(rows.narrow(0, 0, q), rotary));
            rows.narrow(0, q, kv).copy_(Turning(rows.narrow(0, q, kv), rotary));
        }

        return Make(weight, bias);
    }

    /// <summary>The experts of a layer that are stored together: [experts, in, out], gate and up in turn.</summary>
    public (Linear Up, Linear Down)[] ExpertsTogether(string name, ExpertSpec experts)
    {
        var (count, hidden, inside) = (experts.Count, spec.Hidden, experts.Intermediate);
        var up = Read(name + ".gate_up_proj", count, hidden, 2 * inside);
        var upBias = Read(name + ".gate_up_proj_bias", count, 2 * inside);
        var down = Read(name + ".down_proj", count, inside, hidden);
        var downBias = Read(name + ".down_proj_bias", count, hidden);
        Tensor Apart(Tensor rows) => cat([rows[TensorIndex.Slice(0, null, 2)], rows[TensorIndex.Slice(1, null, 2)]]); // gate rows, then up rows
        return [.. Enumerable.Range(0, count).Select(e => (Make(Apart(up[e].t()), Apart(upBias[e])), Make(down[e].t().contiguous(), downBias[e].clone())))];
    }

    /// <inheritdoc cref="NamedWeights.RefuseLeftovers"/>
    public void RefuseLeftovers(bool head) => weights.RefuseLeftovers(head);

    private Linear Make(Tensor weight, Tensor? bias) => new(weight.to(device), bias?.to(device), format, script);

    private Tensor NormWeight(Tensor weight) => (spec.UnitOffsetNorm ? weight.Plus(Constant.One) : weight).DetachFromDisposeScope();

    public void Dispose()
    {
        foreach (var buffer in scratch.Values) buffer?.Dispose();
        scratch.Dispose();
    }

    /// <summary>
    /// Room for a matrix. What is packed afterwards is read into the same memory again and again: fresh pages would cost more time than reading.
    /// </summary>
    private Tensor Buffer(long rows, long columns)
    {
        if (script is null) return empty([rows, columns], ScalarType.Float32);
        if (scratch.Value is null || scratch.Value.numel() < rows * columns)
        {
            scratch.Value?.Dispose();
            scratch.Value = empty([rows * columns], ScalarType.Float32).DetachFromDisposeScope();
        }

        return scratch.Value.narrow(0, 0, rows * columns).view(rows, columns);
    }

    private void ReadMatrix(string name, Tensor into)
    {
        var (@out, @in) = (into.shape[0], into.shape[1]);
        if (spec.Names.Transposed && name != spec.Names.Head) into.copy_(Read(name + ".weight", @in, @out).t());
        else Fill(weights.Need(name + ".weight", @out, @in), into);
    }

    /// <summary>Biases one after the other, zeros where only some linears have one; null where none has.</summary>
    private Tensor? Bias(string[] names, int[] outs)
    {
        var biases = names.Select((name, i) => weights.Find(name + ".bias", outs[i]) is { } stored ? Read(stored) : null).ToArray();
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
    private Tensor Separate(Tensor rows) => rows.reshape(spec.Heads, 3, spec.HeadDim, -1).transpose(0, 1).reshape(rows.shape);

    private Tensor Read(string name, params ReadOnlySpan<long> shape) => Read(weights.Need(name, shape));

    private static Tensor Read(StoredTensor stored)
    {
        var tensor = empty([.. stored.Shape], ScalarType.Float32);
        Fill(stored, tensor);
        return tensor;
    }

    private static void Fill(StoredTensor stored, Tensor into)
    {
        const long Piece = 1 << 22;
        using var flat = into.view(-1);
        for (long start = 0; start < stored.Count; start += Piece)
        {
            using var part = flat.narrow(0, start, Math.Min(Piece, stored.Count - start));
            stored.Read(start, MemoryMarshal.Cast<byte, float>(part.bytes));
        }
    }
}
