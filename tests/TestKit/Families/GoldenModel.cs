using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Shouldly;

namespace Gateway.TestKit.Families;

/// <summary>A golden model folder and what the reference implementation says of it.</summary>
public sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsFile tensors;

    public GoldenModel(string name)
    {
        Path = Shared.GoldenOrOptional("models", name);
        Golden = (JsonObject)JsonNode.Parse(File.ReadAllBytes(System.IO.Path.Combine(Path, "golden.json")))!;
        tensors = new SafetensorsFile(System.IO.Path.Combine(Path, "golden.safetensors"));
        Folder = ModelFolder.Open(Path);
    }

    public string Path { get; }

    public JsonObject Golden { get; }

    public ModelFolder Folder { get; }

    public IEnumerable<string> TensorNames => tensors.Tensors.Keys;

    public float[] Tensor(string name)
    {
        var stored = tensors.Tensors[name];
        var values = new float[stored.Count];
        stored.Read(0, values);
        return values;
    }

    public double Tolerance(string name) => (double)Golden["tolerance"]![name]!;

    public void Dispose()
    {
        Folder.Dispose();
        tensors.Dispose();
    }

    public static int[] Ids(JsonNode? node) => [.. ((JsonArray)node!).Select(id => (int)id!)];

    /// <summary>The largest difference.</summary>
    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        a.Length.ShouldBe(b.Length);
        double worst = 0;
        for (var i = 0; i < a.Length; i++) worst = Math.Max(worst, Math.Abs(a[i] - b[i]));
        return worst;
    }
}
