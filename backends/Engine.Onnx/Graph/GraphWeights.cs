using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>Weights of a checkpoint as constants of a graph, and the operators that they are for.</summary>
internal sealed class GraphWeights(DecoderSpec spec, NamedWeights source, GraphBuilder graph)
{
    /// <summary>A table of rows.</summary>
    public string Matrix(string name, int rows, int columns)
    {
        var stored = source.Need(name, rows, columns);
        return graph.Weight(name, ElementType.Float, [rows, columns], file => file.Write(stored));
    }

    public string Vector(string name, int size)
    {
        var stored = source.Need(name, size);
        return graph.Weight(name, ElementType.Float, [size], file => file.Write(stored));
    }

    /// <summary>Several linears over the same input as one: [tokens, in] → [tokens, sum of outs].</summary>
    /// <param name="x">The input.</param>
    /// <param name="names">Without <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="outs">Width of each.</param>
    /// <param name="in">Width of the input.</param>
    /// <param name="exact">Whether the weight stays float32 whatever the others become.</param>
    public string Linear(string x, string[] names, int[] outs, int @in, bool exact = false)
    {
        var transposed = spec.Names.Transposed && names[0] != spec.Names.Head;
        var stored = names.Select((name, i) => transposed ? source.Need(name + ".weight", @in, outs[i]) : source.Need(name + ".weight", outs[i], @in)).ToArray();
        _ = exact;
        var weight = graph.Weight(names[0] + ".weight", ElementType.Float, transposed ? [@in, outs.Sum()] : [outs.Sum(), @in], file =>
        {
            foreach (var tensor in stored) file.Write(tensor);
        });
        return Gemm(x, weight, Bias(names, outs), transposed);
    }

    /// <summary>Queries, keys and values as one linear in this order, whatever the checkpoint has.</summary>
    public string Qkv(string x, string[] names)
    {
        var (q, kv) = (spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim);
        if (names.Length == 3) return Linear(x, names, [q, kv, kv], spec.Hidden);
        if (spec.Names.Fused == FusedLayout.Blocks) return Linear(x, names, [q + (2 * kv)], spec.Hidden);
        var stored = source.Need(names[0] + ".weight", 3 * q, spec.Hidden);
        var weight = graph.Weight(names[0] + ".weight", ElementType.Float, [3 * q, spec.Hidden], file => Separate(stored, spec.Hidden, file));
        var bias = source.Find(names[0] + ".bias", 3 * q);
        return Gemm(x, weight, bias is null ? null : graph.Weight(names[0] + ".bias", ElementType.Float, [3 * q], file => Separate(bias, 1, file)), transposed: false);
    }

    /// <summary>The embedding as the head.</summary>
    public string TiedHead(string x, string embedding) => Gemm(x, embedding, null, transposed: false);

    /// <summary>One expert of those that are stored together: [experts, in, out].</summary>
    public string ExpertOfMany(string x, string name, int expert, int @in, int @out)
    {
        var (stored, bias) = (source.Need(name, spec.Experts!.Count, @in, @out), source.Need(name + "_bias", spec.Experts.Count, @out));
        var weight = graph.Weight($"{name}.{expert}", ElementType.Float, [@in, @out], file => file.Write(stored, (long)expert * @in * @out, (long)@in * @out));
        return Gemm(x, weight, graph.Weight($"{name}_bias.{expert}", ElementType.Float, [@out], file => file.Write(bias, (long)expert * @out, @out)), transposed: true);
    }

    public string Norm(string x, string name)
    {
        if (spec.Norm == NormKind.RmsNorm) return RmsNorm(x, name, spec.Hidden);
        return graph.Node("LayerNormalization", [x, Vector(name + ".weight", spec.Hidden), Vector(name + ".bias", spec.Hidden)], ("axis", -1), ("epsilon", (float)spec.NormEpsilon));
    }

    /// <summary>Over each head.</summary>
    public string HeadNorm(string x, string name) => RmsNorm(x, name, spec.HeadDim);

    public void RefuseLeftovers() => source.RefuseLeftovers();

    private string RmsNorm(string x, string name, int size)
    {
        var stored = source.Need(name + ".weight", size);
        var weight = graph.Weight(name + ".weight", ElementType.Float, [size], file => file.Write(stored, plus: spec.UnitOffsetNorm ? 1 : 0));
        return graph.Node("SimplifiedLayerNormalization", [x, weight], ("axis", -1), ("epsilon", (float)spec.NormEpsilon), ("stash_type", 1));
    }

    private string Gemm(string x, string weight, string? bias, bool transposed) =>
        graph.Node("Gemm", bias is null ? [x, weight] : [x, weight, bias], ("transB", transposed ? 0 : 1));

    private string? Bias(string[] names, int[] outs)
    {
        var stored = names.Select((name, i) => source.Find(name + ".bias", outs[i])).ToArray();
        if (stored.All(bias => bias is null)) return null;
        return graph.Weight(names[0] + ".bias", ElementType.Float, [outs.Sum()], file =>
        {
            for (var i = 0; i < stored.Length; i++)
            {
                if (stored[i] is { } bias) file.Write(bias);
                else file.Write(new float[outs[i]]);
            }
        });
    }

    /// <summary>Rows (head, 3, d) → (3, head, d).</summary>
    private void Separate(StoredTensor stored, int width, WeightFile file)
    {
        var size = (long)spec.HeadDim * width;
        for (var part = 0; part < 3; part++)
            for (var head = 0; head < spec.Heads; head++) file.Write(stored, ((head * 3) + part) * size, size);
    }
}
