using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Torch.Tests;

/// <summary>A golden model, what the reference says of it, and a runner over it.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsFile tensors;

    public GoldenModel(string family, string? folder = null, TorchOptions? options = null)
    {
        var path = Shared.Golden("models", family);
        Golden = (JsonObject)JsonNode.Parse(File.ReadAllBytes(Path.Combine(path, "golden.json")))!;
        tensors = new SafetensorsFile(Path.Combine(path, "golden.safetensors"));
        Folder = ModelFolder.Open(folder ?? path);
        Runner = TorchRunner.Load(Folder, options ?? new TorchOptions { CacheBytes = 1 << 20 });
    }

    public JsonObject Golden { get; }

    public ModelFolder Folder { get; }

    public TorchRunner Runner { get; }

    public float[] Tensor(string name)
    {
        var stored = tensors.Tensors[name];
        var values = new float[stored.Count];
        stored.Read(0, values);
        return values;
    }

    public double Tolerance(string name) => (double)Golden["tolerance"]![name]!;

    public static int[] Ids(JsonNode? node) => [.. ((JsonArray)node!).Select(id => (int)id!)];

    /// <summary>One forward pass over a whole prompt, logits of its last rows.</summary>
    public float[] Forward(int[] prompt, int rows)
    {
        var logits = new float[rows * Runner.Shape.Vocabulary];
        var blocks = Enumerable.Range(0, (prompt.Length + Runner.Shape.BlockSize - 1) / Runner.Shape.BlockSize).Reverse().ToArray();
        Runner.Forward([new Slice(1, prompt, 0, blocks, rows)], logits);
        return logits;
    }

    public ModelCard Card => new("golden", "golden", Runner.Shape.Vocabulary, Runner.Shape.ContextLength, "torch");

    public void Dispose()
    {
        Runner.Dispose();
        Folder.Dispose();
        tensors.Dispose();
    }

    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        a.Length.ShouldBe(b.Length);
        double worst = 0;
        for (var i = 0; i < a.Length; i++) worst = Math.Max(worst, Math.Abs(a[i] - b[i]));
        return worst;
    }
}
