using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Graph;

namespace Gateway.Engine.Onnx.Encoders;

/// <summary>Writes the forward pass of any encoder that an <see cref="EncoderSpec"/> describes as an ONNX graph over texts of equal length.</summary>
internal sealed class EncoderGraph
{
    private readonly EncoderSpec spec;
    private readonly EncoderTensors tensors;
    private readonly GraphBuilder graph;
    private readonly string shape; // [2]: texts, length
    private readonly string length; // [1]
    private readonly string? distances; // [length, length] of the key minus the query, where any layer asks for it
    private readonly Dictionary<(string Name, double Base), string> tables = []; // of cosines and sines

    private EncoderGraph(EncoderSpec spec, EncoderTensors tensors, GraphBuilder graph)
    {
        (this.spec, this.tensors, this.graph) = (spec, tensors, graph);
        shape = graph.Node("Shape", [OnnxEncoderRunner.Ids]);
        length = graph.Node("Slice", [shape, graph.Numbers(1), graph.Numbers(2)]);
        if (spec.DistanceBuckets == 0 && spec.LayerKinds.All(kind => kind.Sight is null)) return;
        var count = Enumerable.Range(0, spec.ContextLength).Select(i => (long)i).ToArray();
        var all = graph.Weight("positions", ElementType.Int64, [count.Length], file => file.Write(MemoryMarshal.AsBytes(count.AsSpan())));
        var positions = First(all, 0);
        distances = graph.Node("Sub", [graph.Node("Unsqueeze", [positions, graph.Numbers(0)]), graph.Node("Unsqueeze", [positions, graph.Numbers(1)])]);
    }

    /// <summary>Writes <c>model.onnx</c> and its weights into a folder.</summary>
    /// <returns>The graph's file.</returns>
    /// <exception cref="ModelFolderException">The model's folder does not hold what its configuration says.</exception>
    public static string Write(EncoderSpec spec, ModelFolder model, string folder)
    {
        var file = Path.Combine(folder, "model.onnx");
        using var weights = new WeightFile(file + ".data");
        var graph = new GraphBuilder(weights);
        var tensors = new EncoderTensors(spec, model.Tensors, model.Path);
        new EncoderGraph(spec, tensors, graph).Write();
        tensors.RefuseLeftovers();
        File.WriteAllBytes(file, graph.Finish());
        return file;
    }

    private void Write()
    {
        var names = spec.Names;
        graph.Input(OnnxEncoderRunner.Ids, ElementType.Int64, "texts", "length");
        var x = graph.Node("Gather", [Weight(names.Embedding, spec.Vocabulary, spec.Hidden), OnnxEncoderRunner.Ids]); // [texts, length, hidden]
        if (names.Positions is not null) x = Add(x, First(Weight(names.Positions, spec.ContextLength + spec.FirstPosition, spec.Hidden), spec.FirstPosition));
        if (names.TokenTypes is not null)
        {
            graph.Input(OnnxEncoderRunner.Types, ElementType.Int64, "texts", "length");
            x = Add(x, graph.Node("Gather", [Weight(names.TokenTypes, spec.TokenTypes, spec.Hidden), OnnxEncoderRunner.Types]));
        }

        x = graph.Node("Reshape", [Norm(x, names.EmbeddingNorm), graph.Numbers(-1, spec.Hidden)]); // [tokens, hidden]
        var bias = Bias();
        for (var n = 0; n < spec.Layers; n++) x = Layer(n, x, bias);
        if (names.FinalNorm is not null) x = Norm(x, names.FinalNorm);
        graph.Node("", "Reshape", [x, Shape(spec.Hidden)], [OnnxEncoderRunner.States]);
        graph.Output(OnnxEncoderRunner.States, ElementType.Float, "texts", "length", spec.Hidden.ToString(CultureInfo.InvariantCulture));
    }

    private string Layer(int n, string x, string? bias)
    {
        string Name(string name) => name.Replace("{N}", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var names = spec.Names;
        string Attend(string input) => Linear(Attention(n, Linear(input, [.. names.Qkv.Select(Name)], 3 * spec.Hidden, spec.Hidden), bias), [Name(names.Output)], spec.Hidden, spec.Hidden);
        string Feed(string input)
        {
            var up = Linear(input, [Name(names.Up)], spec.Gated ? 2 * spec.Intermediate : spec.Intermediate, spec.Hidden);
            if (spec.Gated)
            {
                var parts = graph.Node("", "Split", [up, graph.Numbers(spec.Intermediate, spec.Intermediate)], 2, ("axis", 1));
                up = graph.Node("Mul", [Activate(parts[0]), parts[1]]);
            }
            else
            {
                up = Activate(up);
            }

            return Linear(up, [Name(names.Down)], spec.Hidden, spec.Intermediate);
        }

        if (!spec.NormFirst)
        {
            x = Norm(Add(x, Attend(x)), Name(names.AttentionNorm));
            return Norm(Add(x, Feed(x)), Name(names.MlpNorm));
        }

        x = Add(x, Attend(n == 0 && names.FirstLayerWithoutAttentionNorm ? x : Norm(x, Name(names.AttentionNorm))));
        return Add(x, Feed(Norm(x, Name(names.MlpNorm))));
    }

    /// <param name="n">Which layer.</param>
    /// <param name="qkv">[tokens, 3 · hidden].</param>
    /// <param name="bias">Added to the scores.</param>
    private string Attention(int n, string qkv, string? bias)
    {
        var (heads, size) = (spec.Heads, spec.Hidden / spec.Heads);
        var kind = spec.LayerKinds.Count > 0 ? spec.LayerKinds[n] : null;
        var each = graph.Node("Transpose", [graph.Node("Reshape", [qkv, Shape(3, heads, size)])], ("perm", (int[])[2, 0, 3, 1, 4])); // [3, texts, heads, length, headDim]
        string Part(int which) => graph.Node("Squeeze", [graph.Node("Slice", [each, graph.Numbers(which), graph.Numbers(which + 1)]), graph.Numbers(0)]);
        var (q, k, v) = (Part(0), Part(1), Part(2));
        if (kind is not null) (q, k) = (Turn(q, kind), Turn(k, kind));
        var scores = graph.Node(GraphBuilder.Microsoft, "FusedMatMul", [q, k], 1, ("transB", 1), ("alpha", (float)(1 / Math.Sqrt(size))))[0]; // [texts, heads, length, length]
        if (bias is not null) scores = Add(scores, bias);
        if (kind?.Sight is { } sight)
        {
            var far = graph.Node("Greater", [graph.Node("Abs", [distances!]), graph.Numbers(sight)]);
            scores = graph.Node("Where", [far, graph.Real(double.NegativeInfinity), scores]);
        }

        var o = graph.Node("MatMul", [graph.Node("Softmax", [scores], ("axis", -1)), v]); // [texts, heads, length, headDim]
        return graph.Node("Reshape", [graph.Node("Transpose", [o], ("perm", (int[])[0, 2, 1, 3])), graph.Numbers(-1, spec.Hidden)]); // [tokens, hidden]
    }

    /// <summary>What each head adds for a distance, [heads, length, length]; null for a network that knows none.</summary>
    private string? Bias()
    {
        if (spec.Names.Distances is not { } name) return null;
        var bucketOf = Enumerable.Range(1 - spec.ContextLength, (2 * spec.ContextLength) - 1).Select(distance => (long)DistanceBuckets.Of(distance, spec.DistanceBuckets)).ToArray();
        var table = graph.Weight("buckets", ElementType.Int64, [bucketOf.Length], file => file.Write(MemoryMarshal.AsBytes(bucketOf.AsSpan())));
        var buckets = graph.Node("Gather", [table, Add(distances!, graph.Numbers(spec.ContextLength - 1))]); // [length, length]
        return graph.Node("Transpose", [graph.Node("Gather", [Weight(name, spec.DistanceBuckets, spec.Heads), buckets])], ("perm", (int[])[2, 0, 1]));
    }

    /// <summary>Dimensions i and i + half of a head turn together.</summary>
    private string Turn(string x, EncoderLayerSpec kind)
    {
        var half = spec.Hidden / spec.Heads / 2;
        var (cos, sin) = (First(Table("cos", kind, Math.Cos), 0), First(Table("sin", kind, Math.Sin), 0)); // [length, half]
        var parts = graph.Node("", "Split", [x, graph.Numbers(half, half)], 2, ("axis", 3));
        return graph.Node("Concat",
            [graph.Node("Sub", [Mul(parts[0], cos), Mul(parts[1], sin)]), Add(Mul(parts[1], cos), Mul(parts[0], sin))], ("axis", 3));
    }

    private string Table(string name, EncoderLayerSpec kind, Func<double, double> of)
    {
        if (tables.TryGetValue((name, kind.RotaryBase), out var known)) return known;
        var (size, half) = (spec.Hidden / spec.Heads, spec.Hidden / spec.Heads / 2);
        var values = new float[spec.ContextLength * half];
        for (var at = 0; at < values.Length; at++) values[at] = (float)of(at / half * Math.Pow(kind.RotaryBase, -2.0 * (at % half) / size));
        return tables[(name, kind.RotaryBase)] = graph.Weight($"{name}.{tables.Count}", ElementType.Float, [spec.ContextLength, half], file => file.Write(values));
    }

    private string Linear(string x, IReadOnlyList<string> names, int @out, int @in)
    {
        var each = @out / names.Count;
        var weights = names.Select(name => tensors.Need(name + ".weight", each, @in)).ToList();
        var biases = names.Select(name => tensors.Find(name + ".bias", each)).ToList();
        var weight = graph.Weight(names[0] + ".weight", ElementType.Float, [@out, @in], file => weights.ForEach(stored => file.Write(stored)));
        if (biases.TrueForAll(stored => stored is null)) return graph.Node("Gemm", [x, weight], ("transB", 1));
        var bias = graph.Weight(names[0] + ".bias", ElementType.Float, [@out], file =>
        {
            foreach (var stored in biases)
            {
                if (stored is not null) file.Write(stored);
                else file.Write(new float[each]);
            }
        });
        return graph.Node("Gemm", [x, weight, bias], ("transB", 1));
    }

    private string Norm(string x, string name)
    {
        var (weight, bias) = tensors.Norm(name);
        string Stored(string end, StoredTensor stored) => graph.Weight(name + end, ElementType.Float, [spec.Hidden], file => file.Write(stored));
        string[] inputs = bias is null ? [x, Stored(".weight", weight)] : [x, Stored(".weight", weight), Stored(".bias", bias)];
        return graph.Node("LayerNormalization", inputs, ("axis", -1), ("epsilon", (float)spec.NormEpsilon));
    }

    private string Activate(string x) => spec.Activation switch
    {
        Activation.Silu => graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]),
        Activation.Relu => graph.Node("Relu", [x]),
        Activation.GeluTanh => graph.Node("Gelu", [x], ("approximate", "tanh")),
        _ => graph.Node("Gelu", [x]),
    };

    private string Weight(string name, int rows, int columns)
    {
        var stored = tensors.Need(name + ".weight", rows, columns);
        return graph.Weight(name + ".weight", ElementType.Float, [rows, columns], file => file.Write(stored));
    }

    /// <summary>As many rows of a table as the texts are long.</summary>
    private string First(string table, int from) =>
        graph.Node("Slice", [table, graph.Numbers(from), from == 0 ? length : Add(length, graph.Numbers(from)), graph.Numbers(0)]);

    /// <summary>[texts, length, …].</summary>
    private string Shape(params ReadOnlySpan<long> rest) => graph.Node("Concat", [shape, graph.Numbers(rest)], ("axis", 0));

    private string Add(string a, string b) => graph.Node("Add", [a, b]);

    private string Mul(string a, string b) => graph.Node("Mul", [a, b]);
}
