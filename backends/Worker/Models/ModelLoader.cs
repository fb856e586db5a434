using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx;
using Gateway.Engine.Onnx.Exported;
using Gateway.Engine.Runner;
using Gateway.Engine.Text;
using Gateway.Engine.Torch;
using Gateway.Worker.Hosting;

namespace Gateway.Worker.Models;

/// <summary>Reads a model folder into memory.</summary>
internal static class ModelLoader
{
    /// <param name="options">What to load, and how.</param>
    /// <param name="time">Now.</param>
    /// <param name="say">Told in a line what was decided.</param>
    /// <exception cref="ModelFolderException">The folder cannot be served.</exception>
    public static IServedModel Load(ServeOptions options, TimeProvider time, Action<string> say)
    {
        using var folder = ModelFolder.Open(options.Path);
        if (EncoderFolder.Is(folder)) return EncoderLoader.Load(folder, options, time, say);
        if (ExportedFolder.Is(folder)) return ExportedLoader.Load(folder, options, time, say);
        var spec = DecoderSpec.FromConfig(folder.Config, folder.Path);
        var template = TemplateOf(folder);
        var tokenizer = folder.Tokenizer;
        var choice = EngineChoice.Of(options.Backend, options.Weights, folder.Path);
        say($"info: {options.Name} is computed by {choice.Engine}: {choice.Reason}");
        var runner = Runner(choice, folder, options);
        // Weights passed through managed arrays on their way; they are most of the heap, and none is needed again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Serve(runner, new ModelCard(options.Name, spec.Architecture, runner.Shape.Vocabulary, runner.Shape.ContextLength, choice.Engine), tokenizer, template, folder, options, time);
    }

    /// <summary>A runner with everything around it that answering needs.</summary>
    public static LoadedModel Serve(IModelRunner runner, ModelCard card, Tokenizer tokenizer, ChatTemplate? template, ModelFolder folder, ServeOptions options, TimeProvider time)
    {
        // Fewer tokens than rows are usual: such rows decode to nothing. More would be computed from memory that is not the model's.
        if (tokenizer.Count > card.Vocabulary)
        {
            runner.Dispose();
            throw new ModelFolderException(folder.Path, $"the tokenizer goes up to id {tokenizer.Count - 1}, but the model has {card.Vocabulary} embeddings");
        }

        var batching = new BatchingOptions { Seed = time.GetUtcNow().UtcTicks, InboxCapacity = Completions.CompletionRequestReader.MaxSequences };
        return new LoadedModel(new BatchingBackend(runner, card, batching, time), tokenizer, template, folder.Generation)
        {
            SpecialTokens = folder.SpecialTokens,
            TemplateSource = folder.ChatTemplateSource ?? "",
            Reasoning = Chat.ReasoningTags.Of(folder.ChatTemplateSource ?? "", tokenizer),
            Fingerprint = Fingerprint.Of(card, $"{options.Weights};{options.Device}", options.Path, runner),
            Created = time.GetUtcNow().ToUnixTimeSeconds(),
        };
    }

    private static IModelRunner Runner(EngineChoice choice, ModelFolder folder, ServeOptions options) => choice.Engine == "onnx"
        ? OnnxRunner.Load(folder, new OnnxOptions { ContextLength = options.Context, Weights = options.Weights, Device = options.Device, GraphCache = GraphCache.Folder() })
        : TorchRunner.Load(folder, new TorchOptions { ContextLength = options.Context, Weights = options.Weights, Device = options.Device });

    public static ChatTemplate? TemplateOf(ModelFolder folder) =>
        folder.ChatTemplateSource is { } source ? ChatTemplate.Parse(source, folder.Path) : null;
}
