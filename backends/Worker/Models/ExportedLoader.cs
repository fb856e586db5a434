using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx;
using Gateway.Engine.Onnx.Exported;
using Gateway.Worker.Hosting;

namespace Gateway.Worker.Models;

/// <summary>Opens the folder of a decoder that was exported to ONNX.</summary>
internal static class ExportedLoader
{
    /// <exception cref="ModelFolderException">The folder cannot be served.</exception>
    public static LoadedModel Load(ModelFolder folder, ServeOptions options, TimeProvider time, Action<string> say)
    {
        if (options.Backend == "torch") throw new ModelFolderException(folder.Path, "the torch backend reads no ONNX graphs, and the folder holds no weights");
        var template = ModelLoader.TemplateOf(folder);
        var tokenizer = folder.Tokenizer;
        var runner = ExportedRunner.Load(folder, new OnnxOptions { ContextLength = options.Context, Weights = options.Weights, Device = options.Device });
        say($"info: {options.Name} is computed by onnx: the folder holds a graph and no weights ({Path.GetFileName(runner.GraphPath)})");
        foreach (var note in runner.Notes) say($"info: {options.Name}: {note}");
        return ModelLoader.Serve(runner, new ModelCard(options.Name, ArchitectureOf(folder), runner.Shape.Vocabulary, runner.Shape.ContextLength, "onnx"), tokenizer, template, folder, options, time);
    }

    public static string ArchitectureOf(ModelFolder folder) => folder.Config["model_type"]?.ToString() ?? "unnamed";
}
