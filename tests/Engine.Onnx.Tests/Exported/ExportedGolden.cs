using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Exported;

namespace Gateway.Engine.Onnx.Tests.Exported;

/// <summary>One graph of a golden folder and what ONNX Runtime itself gave for it.</summary>
internal sealed class ExportedGolden : IDisposable
{
    private readonly JsonNode golden;
    private readonly ModelFolder tensors;

    private ExportedGolden(string path, string weights)
    {
        Folder = ModelFolder.Open(path);
        golden = JsonNode.Parse(File.ReadAllBytes(Path.Combine(path, "goldens.json")))!;
        File_ = Path.GetRelativePath(path, ExportedFolder.Read(Folder, weights).GraphPath).Replace('\\', '/');
        Weights = weights;
        tensors = OpenTensors(path);
    }

    public ModelFolder Folder { get; }

    public string File_ { get; }

    public string Weights { get; }

    public JsonNode Record => golden["files"]![File_]!;

    public IReadOnlyList<int[]> Prompts => [.. golden["prompts"]!.AsArray().Select(prompt => Ids(prompt!["ids"]))];

    public IReadOnlyList<int[]> TransformersTokens => [.. golden["transformers_float32"]!.AsArray().Select(run => Ids(run!["tokens"]))];

    public bool IsDynamic => File_.Contains("int8", StringComparison.Ordinal) && File_.StartsWith("onnx/", StringComparison.Ordinal);

    /// <summary>As the golden data state it: float32 1e-4, quantised weights 1e-3, with 8-bit activations 1e-2, float16 2e-2, one activation scale 0.5.</summary>
    public double Tolerance =>
        IsDynamic ? 0.5
        : (string)Record["cache_type"]! == "float16" ? 2e-2
        : Path.GetFileName(Folder.Path).Contains("int", StringComparison.Ordinal) ? 1e-2
        : File_.EndsWith("model.onnx", StringComparison.Ordinal) || File_.Contains("merged", StringComparison.Ordinal) ? 1e-4 : 1e-3;

    /// <param name="name">FOLDER, or FOLDER:WEIGHTS.</param>
    public static ExportedGolden Open(string name)
    {
        var (folder, weights) = name.Split(':') is [var both, var second] ? (both, second) : (name, "auto");
        // The repository carries some folders only, and of those not every precision.
        var own = Shared.Golden(["onnx", .. folder.Split('/')]);
        var isOurs = Directory.Exists(own) && (weights == "auto" || File.Exists(Path.Combine(own, "onnx", $"model_{weights}.onnx")));
        return new ExportedGolden(isOurs ? own : Shared.Optional(["golden", "onnx", .. folder.Split('/')]), weights);
    }

    public ExportedRunner Load(OnnxOptions? options = null) =>
        ExportedRunner.Load(Folder, (options ?? new OnnxOptions { BlockCount = 64 }) with { Weights = Weights, Device = "cpu", Threads = 1 });

    public int[] Tokens(int prompt) => Ids(Record["greedy"]![prompt]!["tokens"]);

    public double[] Margins(int prompt) => [.. Record["greedy"]![prompt]!["margins"]!.AsArray().Select(margin => (double)margin!)];

    public float[] Logits(string of)
    {
        var tensor = tensors.Tensors.Tensors[$"{File_}.{of}"];
        var values = new float[tensor.Count];
        tensor.Read(0, values);
        return values;
    }

    public void Dispose()
    {
        Folder.Dispose();
        tensors.Dispose();
    }

    private static int[] Ids(JsonNode? node) => [.. node!.AsArray().Select(id => (int)id!)];

    // The weights of no model: a safetensors file beside a configuration is how the reader is reached.
    private static ModelFolder OpenTensors(string path)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(path, "config.json"), Path.Combine(folder.Path, "config.json"));
        File.Copy(Path.Combine(path, "goldens.safetensors"), Path.Combine(folder.Path, "model.safetensors"));
        return ModelFolder.Open(folder.Path);
    }
}
