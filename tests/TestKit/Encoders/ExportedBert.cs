using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.TestKit.Encoders;

/// <summary>Turns a golden BERT folder into one as transformers.js users have it: the small files and <c>onnx/model.onnx</c>, no safetensors.</summary>
public sealed class ExportedBert
{
    private readonly GraphFile graph = new();
    private readonly TensorSource weights;
    private readonly string prefix;

    private ExportedBert(TensorSource weights)
    {
        this.weights = weights;
        prefix = weights.Tensors.ContainsKey("bert.embeddings.word_embeddings.weight") ? "bert." : "";
    }

    /// <summary>Writes the folder.</summary>
    /// <param name="golden">The golden folder.</param>
    /// <param name="to">Where to.</param>
    /// <param name="name">The graph's name without its ending.</param>
    public static void Write(string golden, string to, string name = "model")
    {
        using var folder = ModelFolder.Open(golden);
        foreach (var file in Directory.EnumerateFiles(golden, "*.json", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(golden, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }

        var exported = new ExportedBert(folder.Tensors);
        exported.Build(folder.Config);
        exported.graph.Save(Path.Combine(to, "onnx", name + ".onnx"));
    }

    private void Build(JsonObject config)
    {
        var (heads, layers, hidden) = ((int)config["num_attention_heads"]!, (int)config["num_hidden_layers"]!, (int)config["hidden_size"]!);
        foreach (var name in (string[])["input_ids", "attention_mask", "token_type_ids"]) graph.Input(name);
        var length = graph.Node("Slice", [graph.Node("Shape", ["input_ids"]), graph.Ints(1), graph.Ints(2)]); // [1]
        var positions = graph.Node("Slice", [Stored("embeddings.position_embeddings.weight"), graph.Ints(0), length, graph.Ints(0)]); // [length, hidden]
        var x = graph.Node("Add", [graph.Node("Gather", [Stored("embeddings.word_embeddings.weight"), "input_ids"]), graph.Node("Gather", [Stored("embeddings.token_type_embeddings.weight"), "token_type_ids"])]);
        x = Norm(graph.Node("Add", [x, positions]), "embeddings.LayerNorm"); // [texts, length, hidden]
        var seen = graph.Node("Cast", [graph.Node("Unsqueeze", ["attention_mask", graph.Ints(1, 2)])], ("to", 1)); // [texts, 1, 1, length]
        var mask = graph.Node("Mul", [graph.Node("Sub", [seen, graph.Weight([1])]), graph.Weight([1e9f])]);
        for (var n = 0; n < layers; n++)
        {
            var layer = $"encoder.layer.{n}.";
            string Heads(string name, int[] order) => graph.Node("Transpose",
                [graph.Node("Reshape", [Linear(x, layer + "attention.self." + name), graph.Ints(0, 0, heads, hidden / heads)])], ("perm", order));
            var scores = graph.Node("MatMul", [Heads("query", [0, 2, 1, 3]), Heads("key", [0, 2, 3, 1])]);
            scores = graph.Node("Add", [graph.Node("Mul", [scores, graph.Weight([1 / MathF.Sqrt(hidden / heads)])]), mask]);
            var o = graph.Node("MatMul", [graph.Node("Softmax", [scores], ("axis", -1)), Heads("value", [0, 2, 1, 3])]);
            o = graph.Node("Reshape", [graph.Node("Transpose", [o], ("perm", (int[])[0, 2, 1, 3])), graph.Ints(0, 0, hidden)]);
            x = Norm(graph.Node("Add", [x, Linear(o, layer + "attention.output.dense")]), layer + "attention.output.LayerNorm");
            x = Norm(graph.Node("Add", [x, Linear(Gelu(Linear(x, layer + "intermediate.dense")), layer + "output.dense")]), layer + "output.LayerNorm");
        }

        if (!weights.Tensors.ContainsKey("classifier.weight"))
        {
            graph.Output("last_hidden_state", x, "texts", "length", hidden.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return;
        }

        var first = graph.Node("Tanh", [Linear(graph.Node("Squeeze", [graph.Node("Slice", [x, graph.Ints(0), graph.Ints(1), graph.Ints(1)]), graph.Ints(1)]), "pooler.dense")]);
        graph.Output("logits", Linear(first, "classifier"), "texts", "1");
    }

    private string Gelu(string x) =>
        graph.Node("Mul", [graph.Node("Mul", [x, graph.Weight([0.5f])]), graph.Node("Add", [graph.Node("Erf", [graph.Node("Mul", [x, graph.Weight([1 / MathF.Sqrt(2)])])]), graph.Weight([1])])]);

    private string Norm(string x, string name) => graph.Node("LayerNormalization", [x, Stored(name + ".weight"), Stored(name + ".bias")], ("axis", -1), ("epsilon", 1e-12f));

    private string Linear(string x, string name)
    {
        var (shape, values) = Read(name + ".weight");
        var turned = new float[values.Length]; // [in, out]
        for (var i = 0; i < values.Length; i++) turned[(i % shape[1] * shape[0]) + (i / shape[1])] = values[i];
        return graph.Node("Add", [graph.Node("MatMul", [x, graph.Weight(turned, shape[1], shape[0])]), Stored(name + ".bias")]);
    }

    private string Stored(string name)
    {
        var (shape, values) = Read(name);
        return graph.Weight(values, shape);
    }

    private (long[] Shape, float[] Values) Read(string name)
    {
        var stored = weights.Tensors.TryGetValue(prefix + name, out var found) ? found : weights.Tensors[name];
        var values = new float[stored.Count];
        stored.Read(0, values);
        return (stored.Shape.ToArray(), values);
    }
}
