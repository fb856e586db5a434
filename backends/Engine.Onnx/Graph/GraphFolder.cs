using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>The written graph and its weights on disk, as long as a session opens them.</summary>
internal sealed class GraphFolder : IDisposable
{
    private const string ModelName = "model.onnx";
    private readonly string path;

    private GraphFolder(string path) => this.path = path;

    /// <summary>The graph's file.</summary>
    public string Model => Path.Combine(path, ModelName);

    /// <summary>The graph of a folder.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says.</exception>
    public static GraphFolder For(ModelFolder folder, DecoderSpec spec, OnnxOptions options, bool observed)
    {
        _ = options;
        var path = Directory.CreateTempSubdirectory("gateway-graph-").FullName;
        try
        {
            Write(path, folder, spec, observed);
            return new GraphFolder(path);
        }
        catch
        {
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    public void Dispose() => Directory.Delete(path, recursive: true);

    private static void Write(string path, ModelFolder folder, DecoderSpec spec, bool observed)
    {
        using var weights = new WeightFile(Path.Combine(path, ModelName + ".data"));
        var graph = new GraphBuilder(weights);
        DecoderGraph.Write(spec, new GraphWeights(spec, new NamedWeights(spec, folder.Tensors, folder.Path), graph), graph, observed);
        File.WriteAllBytes(Path.Combine(path, ModelName), graph.Finish());
    }
}
