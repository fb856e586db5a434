using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>Weights of a checkpoint as constants of a graph, and the operators that they are for.</summary>
internal sealed class GraphWeights(DecoderSpec spec, NamedWeights source, GraphBuilder graph, WeightFormat format)
{
    /// <summary>Rows of a table by their numbers: [tokens] → [tokens, columns]. Rounded formats keep tables in float16.</summary>
    public string Rows(string indices, string name, int rows, int columns)
    {
        var stored = source.Need(name, rows, columns);
        if (format == WeightFormat.F32) return graph.Node("Gather", [graph.Weight(name, ElementType.Float, [rows, columns], file => file.Write(stored)), indices]);
        var table = graph.Weight(name, ElementType.Float16, [rows, columns], file => file.WriteHalves(stored));
        return graph.Node("Cast", [graph.Node("Gather", [table, indices])], ("to", (int)ElementType.Float));
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
        var bias = Bias(names, outs);
        if (!exact && format != WeightFormat.F32)
            return Rounded(x, names[0], outs.Sum(), @in, bias, names[0] == spec.Names.Head ? 8 : Bits, transposed ? Columns(stored[0]) : RowsOf(stored, @in));
        var weight = graph.Weight(names[0] + ".weight", ElementType.Float, transposed ? [@in, outs.Sum()] : [outs.Sum(), @in], file =>
        {
            foreach (var tensor in stored) file.Write(tensor);
        });
        return Gemm(x, weight, bias, transposed);
    }

    /// <summary>Queries, keys and values as one linear in this order, whatever the checkpoint has.</summary>
    public string Qkv(string x, string[] names)
    {
        var (q, kv) = (spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim);
        if (names.Length == 3) return Linear(x, names, [q, kv, kv], spec.Hidden);
        if (spec.Names.Fused == FusedLayout.Blocks) return Linear(x, names, [q + (2 * kv)], spec.Hidden);
        var stored = source.Need(names[0] + ".weight", 3 * q, spec.Hidden);
        var bias = source.Find(names[0] + ".bias", 3 * q);
        var biasName = bias is null ? null : graph.Weight(names[0] + ".bias", ElementType.Float, [3 * q], file => Separate(bias, 1, file));
        if (format != WeightFormat.F32)
            return Rounded(x, names[0], 3 * q, spec.Hidden, biasName, Bits, (row, numbers) => stored.Read((((row % q / spec.HeadDim * 3) + (row / q)) * (long)spec.HeadDim * spec.Hidden) + (row % spec.HeadDim * (long)spec.Hidden), numbers));
        var weight = graph.Weight(names[0] + ".weight", ElementType.Float, [3 * q, spec.Hidden], file => Separate(stored, spec.Hidden, file));
        return Gemm(x, weight, biasName, transposed: false);
    }

    /// <summary>The embedding as the head.</summary>
    public string TiedHead(string x, string name, int rows, int columns)
    {
        if (format == WeightFormat.F32) return Gemm(x, name, null, transposed: false); // the table itself
        return Rounded(x, name + ".head", rows, columns, null, 8, RowsOf([source.Need(name, rows, columns)], columns));
    }

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

    private int Bits => format == WeightFormat.Q8 ? 8 : 4;

    /// <summary>A matrix in few bits; row by row, so that a request's numbers do not depend on who else is served.</summary>
    private string Rounded(string x, string name, int rows, int columns, string? bias, int bits, Action<int, Span<float>> read)
    {
        var blocks = (columns + BlockRounding.Block - 1) / BlockRounding.Block;
        var (packed, scales) = (new byte[(long)rows * blocks * BlockRounding.Block * bits / 8], new float[(long)rows * blocks]);
        var (each, halves) = (packed.Length / rows, (blocks + 1) / 2);
        var zeros = new byte[bits == 4 ? (long)rows * halves : 0];
        Parallel.For(0, rows, () => new float[columns], (row, _, numbers) =>
        {
            read(row, numbers);
            var into = packed.AsSpan(row * each, each);
            var scale = scales.AsSpan(row * blocks, blocks);
            if (bits == 8) BlockRounding.ToEight(numbers, into, scale);
            else BlockRounding.ToFour(numbers, into, scale, zeros.AsSpan(row * halves, halves));
            return numbers;
        }, _ => { });
        var weight = graph.Weight(name + ".packed", ElementType.UInt8, [rows, blocks, BlockRounding.Block * bits / 8], file => file.Write(packed));
        var scaleName = graph.Weight(name + ".scales", ElementType.Float, [(long)rows * blocks], file => file.Write(scales));
        var zero = bits == 8 ? "" : graph.Weight(name + ".zeros", ElementType.UInt8, [(long)rows * halves], file => file.Write(zeros));
        string[] inputs = bias is not null ? [x, weight, scaleName, zero, "", bias] : bits == 8 ? [x, weight, scaleName] : [x, weight, scaleName, zero];
        return graph.Node(GraphBuilder.Microsoft, "MatMulNBits", inputs, 1,
            ("K", columns), ("N", rows), ("bits", bits), ("block_size", BlockRounding.Block), ("accuracy_level", 4))[0];
    }

    private static Action<int, Span<float>> RowsOf(StoredTensor[] stored, int columns) => (row, numbers) =>
    {
        foreach (var tensor in stored)
        {
            if (row < tensor.Shape[0])
            {
                tensor.Read((long)row * columns, numbers);
                return;
            }

            row -= (int)tensor.Shape[0];
        }
    };

    /// <summary>Columns of a matrix that is stored [in, out].</summary>
    private static Action<int, Span<float>> Columns(StoredTensor stored)
    {
        var all = new float[stored.Count];
        stored.Read(0, all);
        var width = (int)stored.Shape[1];
        return (column, numbers) =>
        {
            for (var i = 0; i < numbers.Length; i++) numbers[i] = all[(i * width) + column];
        };
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
