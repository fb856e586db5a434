using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>
/// Writes the forward pass of any decoder that a <see cref="DecoderSpec"/> describes as an ONNX graph. The graph computes one run: sequences that give the
/// same number of tokens. Its inputs are those of <see cref="RunInputs"/>; keys and values come in and go out as the same memory.
/// </summary>
internal sealed class DecoderGraph
{
    private readonly DecoderSpec spec;
    private readonly GraphBuilder graph;
    private readonly GraphWeights weights;
    private readonly GraphLayout layout;
    private readonly bool observed;

    private DecoderGraph(DecoderSpec spec, GraphBuilder graph, GraphWeights weights, bool observed) =>
        (this.spec, this.graph, this.weights, layout, this.observed) = (spec, graph, weights, new GraphLayout(spec), observed);

    /// <param name="spec">What to compute.</param>
    /// <param name="weights">Where the weights come from and go to.</param>
    /// <param name="graph">What to write to.</param>
    /// <param name="observed">Whether what happens between the layers comes out as well.</param>
    public static void Write(DecoderSpec spec, GraphWeights weights, GraphBuilder graph, bool observed) => new DecoderGraph(spec, graph, weights, observed).Write();

    private void Write()
    {
        DeclareInputs();
        var names = spec.Names;
        var width = spec.EmbeddingWidth ?? spec.Hidden;
        var x = weights.Rows(RunInputs.Tokens, names.Embedding + ".weight", spec.Vocabulary, width); // [tokens, width]
        if (spec.EmbeddingScale != 1) x = Mul(x, graph.Real(spec.EmbeddingScale));
        if (names.ProjectIn is not null) x = weights.Linear(x, [names.ProjectIn], [spec.Hidden], width);
        if (names.Positions is not null) x = Add(x, weights.Rows(RunInputs.Positions, names.Positions + ".weight", spec.ContextLength + spec.PositionOffset, spec.Hidden));
        if (names.EmbeddingNorm is not null) x = weights.Norm(x, names.EmbeddingNorm);
        Show("embed", x, "tokens", spec.Hidden.ToString());
        for (var n = 0; n < spec.Layers; n++) Show($"layer.{n}", x = Layer(n, x), "tokens", spec.Hidden.ToString());

        x = graph.Node("Gather", [x, RunInputs.Rows]); // [rows, hidden]
        if (names.FinalNorm is not null) x = weights.Norm(x, names.FinalNorm);
        if (names.ProjectOut is not null) x = weights.Linear(x, [names.ProjectOut], [width], spec.Hidden);
        Show("final", x, "rows", width.ToString());
        var logits = spec.TiedHead ? weights.TiedHead(x, names.Embedding + ".weight", spec.Vocabulary, width) : weights.Linear(x, [names.Head], [spec.Vocabulary], width);
        if (spec.LogitCap is { } cap) logits = Cap(logits, cap);
        graph.Node("", "Identity", [logits], [RunInputs.Logits]);
        graph.Output(RunInputs.Logits, ElementType.Float, "rows", spec.Vocabulary.ToString());
        weights.RefuseLeftovers();
    }

    private void DeclareInputs()
    {
        graph.Input(RunInputs.Tokens, ElementType.Int64, "tokens");
        graph.Input(RunInputs.Positions, ElementType.Int64, "tokens");
        graph.Input(RunInputs.Rows, ElementType.Int64, "rows");
        graph.Input(RunInputs.Slots, ElementType.Int64, spec.KvHeads.ToString(), "tokens", "2");
        graph.Input(RunInputs.QueryShape, ElementType.Int64, "5");
        graph.Input(RunInputs.OutputShape, ElementType.Int64, "5");
        graph.Input(RunInputs.GroupOfRow, ElementType.Int64, "grouped");
        for (var i = 0; i < layout.Rotaries.Count; i++)
        {
            graph.Input(RunInputs.Cosine(i), ElementType.Float, "tokens", "1", layout.Rotaries[i].InverseFrequencies.Count.ToString());
            graph.Input(RunInputs.Sine(i), ElementType.Float, "tokens", "1", layout.Rotaries[i].InverseFrequencies.Count.ToString());
        }

        for (var i = 0; i < layout.Windows.Count; i++)
        {
            graph.Input(RunInputs.Seen(i), ElementType.Int64, "sequences", $"length_{i}");
            graph.Input(RunInputs.Mask(i), ElementType.Float, "1", "sequences", "grouped", $"length_{i}");
            if (spec.Position == PositionKind.Alibi) graph.Input(RunInputs.KeyPositions(i), ElementType.Float, "1", "sequences", "1", $"length_{i}");
        }

        for (var n = 0; n < spec.Layers; n++)
        {
            foreach (var (past, present) in (ReadOnlySpan<(string, string)>)[(RunInputs.PastKeys(n), RunInputs.Keys(n)), (RunInputs.PastValues(n), RunInputs.Values(n))])
            {
                graph.Input(past, ElementType.Float, spec.KvHeads.ToString(), "slots", spec.HeadDim.ToString());
                graph.Output(present, ElementType.Float, spec.KvHeads.ToString(), "slots", spec.HeadDim.ToString());
            }
        }
    }

    private string Layer(int n, string x)
    {
        string Name(string name) => name.Replace("{N}", n.ToString(), StringComparison.Ordinal);
        var names = spec.Names;
        string Attend(string input)
        {
            var o = weights.Linear(Attention(n, input, Name), [Name(names.Output)], [spec.Hidden], spec.Heads * spec.HeadDim);
            return names.AttentionOutputNorm is null ? o : weights.Norm(o, Name(names.AttentionOutputNorm));
        }

        string Feed(string input)
        {
            var o = spec.LayerSpecs[n].Experts ? Experts(n, input, Name) : Dense(input, names.Gate is null ? null : Name(names.Gate), Name(names.Up), Name(names.Down), spec.Intermediate);
            return names.MlpOutputNorm is null ? o : weights.Norm(o, Name(names.MlpOutputNorm));
        }

        switch (spec.Residual)
        {
            case ResidualKind.Parallel:
                return Add(Add(x, Attend(weights.Norm(x, Name(names.AttentionNorm)))), Feed(weights.Norm(x, Name(names.MlpNorm))));
            case ResidualKind.NormAfter:
                x = weights.Norm(Add(x, Attend(x)), Name(names.AttentionNorm));
                return weights.Norm(Add(x, Feed(x)), Name(names.MlpNorm));
            default:
                x = Add(x, Attend(weights.Norm(x, Name(names.AttentionNorm))));
                return Add(x, Feed(weights.Norm(x, Name(names.MlpNorm))));
        }
    }

    private string Attention(int n, string x, Func<string, string> name)
    {
        var (names, own, heads, kvHeads, size) = (spec.Names, spec.LayerSpecs[n], spec.Heads, spec.KvHeads, spec.HeadDim);
        var window = layout.WindowOf[n];
        var qkv = weights.Qkv(x, [.. names.Qkv.Select(name)]); // [tokens, (heads + 2 kvHeads) · headDim]
        var parts = graph.Node("", "Split", [qkv, graph.Numbers(heads * size, kvHeads * size, kvHeads * size)], 3, ("axis", 1));
        var query = Heads(parts[0], heads, names.QueryNorm is null ? null : name(names.QueryNorm), own.Rotary); // [tokens, heads, headDim]
        var key = Heads(parts[1], kvHeads, names.KeyNorm is null ? null : name(names.KeyNorm), own.Rotary); // [tokens, kvHeads, headDim]
        var value = graph.Node("Reshape", [parts[2], graph.Numbers(0, kvHeads, size)]);
        Store(key, RunInputs.PastKeys(n), RunInputs.Keys(n));
        Store(value, RunInputs.PastValues(n), RunInputs.Values(n));

        var keys = graph.Node("Gather", [RunInputs.Keys(n), RunInputs.Seen(window)], ("axis", 1)); // [kvHeads, sequences, length, headDim]
        var values = graph.Node("Gather", [RunInputs.Values(n), RunInputs.Seen(window)], ("axis", 1));
        query = graph.Node("Reshape", [query, RunInputs.QueryShape]); // [sequences, tokens, kvHeads, group, headDim]
        query = graph.Node("Transpose", [query], ("perm", (int[])[2, 0, 3, 1, 4])); // [kvHeads, sequences, group, tokens, headDim]
        query = graph.Node("Reshape", [query, graph.Numbers(kvHeads, 0, -1, size)]); // [kvHeads, sequences, group · tokens, headDim]
        var scores = graph.Node(GraphBuilder.Microsoft, "FusedMatMul", [query, keys], 1, ("transB", 1), ("alpha", (float)spec.ScoreScale))[0]; // [kvHeads, sequences, group · tokens, length]
        if (spec.ScoreCap is { } cap) scores = Cap(scores, cap);
        if (spec.Position == PositionKind.Alibi) scores = Add(scores, Mul(graph.Reals(AlibiSlopes.Of(heads), heads, 1, 1, 1), RunInputs.KeyPositions(window)));
        scores = Add(scores, RunInputs.Mask(window));
        var shares = names.Sinks is null ? graph.Node("Softmax", [scores], ("axis", -1)) : WithSinks(scores, name(names.Sinks));
        Show($"attention.{n}", shares, "kv_heads", "sequences", "grouped", $"length_{window}");
        var output = graph.Node("MatMul", [shares, values]); // [kvHeads, sequences, group · tokens, headDim]
        output = graph.Node("Reshape", [output, RunInputs.OutputShape]); // [kvHeads, sequences, group, tokens, headDim]
        output = graph.Node("Transpose", [output], ("perm", (int[])[1, 3, 0, 2, 4])); // [sequences, tokens, kvHeads, group, headDim]
        return graph.Node("Reshape", [output, graph.Numbers(-1, heads * size)]); // [tokens, heads · headDim]
    }

    /// <summary>A score for nothing at all joins the softmax and is dropped after it.</summary>
    private string WithSinks(string scores, string name)
    {
        var sinks = graph.Node("Reshape", [weights.Vector(name, spec.Heads), graph.Numbers(spec.KvHeads, 1, -1)]);
        sinks = graph.Node("Unsqueeze", [graph.Node("Gather", [sinks, RunInputs.GroupOfRow], ("axis", 2)), graph.Numbers(3)]); // [kvHeads, 1, group · tokens, 1]
        // Zero times the highest score, which is finite because each row sees itself, gives the shape.
        var zero = Mul(graph.Node("ReduceMax", [scores, graph.Numbers(-1)], ("keepdims", 1)), graph.Real(0));
        var shares = graph.Node("Softmax", [graph.Node("Concat", [scores, Add(sinks, zero)], ("axis", -1))], ("axis", -1));
        return graph.Node("Slice", [shares, graph.Numbers(0), graph.Numbers(-1), graph.Numbers(3)]);
    }

    private string Heads(string rows, int heads, string? norm, RotarySpec? rotary)
    {
        var x = graph.Node("Reshape", [rows, graph.Numbers(0, heads, spec.HeadDim)]); // [tokens, heads, headDim]
        if (norm is not null) x = weights.HeadNorm(x, norm);
        if (rotary is null) return x;
        var kind = layout.RotaryOf(rotary);
        var (half, rest) = (rotary.Turned / 2, spec.HeadDim - rotary.Turned);
        var parts = rest == 0 ? graph.Node("", "Split", [x, graph.Numbers(half, half)], 2, ("axis", 2)) : graph.Node("", "Split", [x, graph.Numbers(half, half, rest)], 3, ("axis", 2));
        var (cos, sin) = (RunInputs.Cosine(kind), RunInputs.Sine(kind));
        var first = graph.Node("Sub", [Mul(parts[0], cos), Mul(parts[1], sin)]);
        var second = Add(Mul(parts[1], cos), Mul(parts[0], sin));
        return graph.Node("Concat", rest == 0 ? [first, second] : [first, second, parts[2]], ("axis", 2));
    }

    /// <summary>Writes the run's rows into the cache. Input and output are bound to the same memory, so that nothing else is copied.</summary>
    private void Store(string rows, string past, string present) =>
        graph.Node("", "ScatterND", [past, RunInputs.Slots, graph.Node("Transpose", [rows], ("perm", (int[])[1, 0, 2]))], [present]); // updates [kvHeads, tokens, headDim]

    private string Dense(string x, string? gate, string up, string down, int inside)
    {
        if (!spec.Gated) return weights.Linear(Activate(weights.Linear(x, [up], [inside], spec.Hidden)), [down], [spec.Hidden], inside);
        var both = gate is null ? weights.Linear(x, [up], [2 * inside], spec.Hidden) : weights.Linear(x, [gate, up], [inside, inside], spec.Hidden);
        var parts = graph.Node("", "Split", [both, graph.Numbers(inside, inside)], 2, ("axis", 1));
        return weights.Linear(Mul(Activate(parts[0]), parts[1]), [down], [spec.Hidden], inside);
    }

    /// <summary>Each expert computes the rows that the router sends to it, and none when none are sent.</summary>
    private string Experts(int n, string x, Func<string, string> name)
    {
        var (names, experts) = (spec.Names, spec.Experts!);
        var scores = weights.Linear(x, [name(names.Router!)], [experts.Count], spec.Hidden, exact: true); // [tokens, experts]
        Show($"router.{n}", scores, "tokens", experts.Count.ToString());
        var best = graph.Node("", "TopK", [scores, graph.Numbers(experts.PerToken)], 2, ("axis", 1)); // [tokens, perToken] twice
        var shares = experts.Weighting == ExpertWeighting.OverChosen ? graph.Node("Softmax", [best[0]], ("axis", 1))
            : graph.Node("GatherElements", [graph.Node("Softmax", [scores], ("axis", 1)), best[1]], ("axis", 1));
        var sum = Mul(x, graph.Real(0));
        for (var e = 0; e < experts.Count; e++)
        {
            var hits = graph.Node("Transpose", [graph.Node("NonZero", [graph.Node("Equal", [best[1], graph.Numbers(e)])])]); // [routed, 2]: row and rank
            var rows = graph.Node("", "Split", [hits, graph.Numbers(1, 1)], 2, ("axis", 1))[0]; // [routed, 1]
            var inputs = graph.Node("GatherND", [x, rows]); // [routed, hidden]
            string Own(string? part) => name(part!).Replace("{E}", e.ToString(), StringComparison.Ordinal);
            var output = names.ExpertsTogether is { } together ? Clamped(inputs, name(together), e) : Dense(inputs, Own(names.ExpertGate), Own(names.ExpertUp), Own(names.ExpertDown), experts.Intermediate);
            var share = graph.Node("Unsqueeze", [graph.Node("GatherND", [shares, hits]), graph.Numbers(1)]); // [routed, 1]
            sum = graph.Node("ScatterND", [sum, rows, Mul(output, share)], ("reduction", "add"));
        }

        return sum;
    }

    /// <summary>gpt-oss: gate and up in turn, clamped; (up + 1) · gate · σ(1.702 · gate).</summary>
    private string Clamped(string x, string name, int expert)
    {
        var inside = spec.Experts!.Intermediate;
        var both = weights.ExpertOfMany(x, name + ".gate_up_proj", expert, spec.Hidden, 2 * inside); // [routed, 2 · intermediate]
        string Every(int from) => graph.Node("Slice", [both, graph.Numbers(from), graph.Numbers(2 * inside), graph.Numbers(1), graph.Numbers(2)]);
        var limit = (float)spec.Experts.ClampedAt!.Value;
        var gate = graph.Node("Min", [Every(0), graph.Real(limit)]);
        var up = graph.Node("Clip", [Every(1), graph.Real(-limit), graph.Real(limit)]);
        var turned = graph.Node(GraphBuilder.Microsoft, "QuickGelu", [gate], 1, ("alpha", 1.702f))[0]; // x · σ(1.702 x)
        return weights.ExpertOfMany(Mul(Add(up, graph.Real(1)), turned), name + ".down_proj", expert, inside, spec.Hidden);
    }

    private string Activate(string x) => spec.Activation switch
    {
        Activation.Silu => graph.Node(GraphBuilder.Microsoft, "QuickGelu", [x], 1, ("alpha", 1f))[0], // x · σ(x)
        Activation.Relu => graph.Node("Relu", [x]),
        Activation.GeluTanh => graph.Node("Gelu", [x], ("approximate", "tanh")),
        _ => graph.Node("Gelu", [x]),
    };

    private string Cap(string x, double cap) => Mul(graph.Node("Tanh", [Mul(x, graph.Real(1 / cap))]), graph.Real(cap));

    private string Add(string a, string b) => graph.Node("Add", [a, b]);

    private string Mul(string a, string b) => graph.Node("Mul", [a, b]);

    /// <summary>Makes a value an output as well.</summary>
    private void Show(string name, string value, params ReadOnlySpan<string> shape)
    {
        if (!observed) return;
        graph.Node("", "Identity", [value], [name]);
        graph.Output(name, ElementType.Float, shape);
    }
}
