using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>
/// A model folder whose network is an ONNX graph that somebody else exported: Optimum's and transformers.js' layout, or that of
/// onnxruntime-genai. Reading it touches neither weights nor ONNX Runtime.
/// </summary>
public sealed class ExportedFolder
{
    private ExportedFolder(GraphFile graph, DecoderSignature signature, int contextLength, int? vocabulary, int? ignoredWindow) =>
        (Graph, Signature, ContextLength, Vocabulary, IgnoredWindow) = (graph, signature, contextLength, vocabulary, ignoredWindow);

    /// <summary>The graph's file.</summary>
    public string GraphPath => Graph.Path;

    /// <summary>Most positions that the model was made for.</summary>
    public int ContextLength { get; }

    internal GraphFile Graph { get; }

    internal DecoderSignature Signature { get; }

    /// <summary>As the configuration says; the graph's own width counts.</summary>
    internal int? Vocabulary { get; }

    /// <summary>A window that the configuration names and no attention of the graph has.</summary>
    internal int? IgnoredWindow { get; }

    /// <summary>Whether a folder is one: it has graphs, and no weights that an engine of ours would read.</summary>
    public static bool Is(ModelFolder folder) => folder.IsExported;

    /// <summary>Chooses the graph and checks that it is a decoder with a cache.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="weights"><c>auto</c>, or <c>f32</c>, <c>f16</c>, <c>q8</c>, <c>q4</c>, <c>q4f16</c>, <c>int8</c>, <c>uint8</c>, <c>bnb4</c> where there are several graphs.</param>
    /// <exception cref="ModelFolderException">A file is missing, of the wrong shape, or asks for something that is not supported.</exception>
    public static ExportedFolder Read(ModelFolder folder, string weights = "auto")
    {
        var file = Path.Combine(folder.Path, "config.json");
        var config = new ConfigReader(folder.Config["text_config"] as JsonObject ?? folder.Config, file);
        var vocabulary = config.OptionalSize("vocab_size");
        if (File.Exists(Path.Combine(folder.Path, GenaiConfig.FileName)))
        {
            var genai = GenaiConfig.Read(folder.Path);
            if (weights != "auto") throw new ModelFolderException(genai.GraphPath, $"is the folder's one graph, so weights in '{weights}' cannot be chosen; use auto");
            var only = GraphFile.Read(genai.GraphPath);
            return new ExportedFolder(only, DecoderSignature.Of(only, genai.Names, genai.Sizes), genai.ContextLength, vocabulary, only.HasWindow ? null : genai.Window);
        }

        var graph = GraphFile.Read(OptimumFiles.Choose(folder.Path, weights));
        return new ExportedFolder(graph, DecoderSignature.Of(graph, new DecoderNames(), Sizes(config)), folder.ContextLength, vocabulary, null);
    }

    // Only what is said: the graph has concrete sizes in this layout, and families name theirs in many ways.
    private static CacheSizes Sizes(ConfigReader config)
    {
        var layers = config.OptionalSize("num_hidden_layers", "n_layer");
        return new CacheSizes(layers, null, null);
    }
}
