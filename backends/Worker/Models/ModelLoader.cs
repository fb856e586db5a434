using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Engine.Torch;
using Gateway.Worker.Hosting;

namespace Gateway.Worker.Models;

/// <summary>Reads a model folder into memory.</summary>
internal static class ModelLoader
{
    /// <exception cref="ModelFolderException">The folder cannot be served.</exception>
    public static IServedModel Load(ServeOptions options, TimeProvider time)
    {
        using var folder = ModelFolder.Open(options.Path);
        if (EncoderFolder.Is(folder)) return EncoderLoader.Load(folder, options, time);
        RequireWeights(folder);
        var spec = DecoderSpec.FromConfig(folder.Config, folder.Path);
        var template = TemplateOf(folder);
        var tokenizer = folder.Tokenizer;
        var runner = TorchRunner.Load(folder, new TorchOptions { ContextLength = options.Context, Weights = options.Weights, Device = options.Device });
        // Weights passed through managed arrays on their way; they are most of the heap, and none is needed again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var card = new ModelCard(options.Name, spec.Architecture, runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch");
        var batching = new BatchingOptions { Seed = time.GetUtcNow().UtcTicks, InboxCapacity = Completions.CompletionRequestReader.MaxSequences };
        return new LoadedModel(new BatchingBackend(runner, card, batching, time), tokenizer, template, folder.Generation)
        {
            SpecialTokens = folder.SpecialTokens,
            TemplateSource = folder.ChatTemplateSource ?? "",
            Created = time.GetUtcNow().ToUnixTimeSeconds(),
        };
    }

    /// <summary>Refuses a folder of graphs only, which so far are served for encoders.</summary>
    public static void RequireWeights(ModelFolder folder)
    {
        if (folder.Tensors.Tensors.Count == 0) throw new ModelFolderException(folder.Path, "holds no weights but ONNX graphs, which are served for embedding models and rerankers only");
    }

    public static ChatTemplate? TemplateOf(ModelFolder folder) =>
        folder.ChatTemplateSource is { } source ? ChatTemplate.Parse(source, folder.Path) : null;
}
