using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx;
using Gateway.Engine.Onnx.Encoders;
using Gateway.Engine.Torch;
using Gateway.Engine.Torch.Encoders;
using Gateway.Worker.Hosting;

namespace Gateway.Worker.Models;

/// <summary>Reads the folder of an embedding model or cross-encoder into memory.</summary>
internal static class EncoderLoader
{
    /// <exception cref="ModelFolderException">The folder cannot be served.</exception>
    public static LoadedEncoder Load(ModelFolder folder, ServeOptions options, TimeProvider time, Action<string> say)
    {
        var encoder = EncoderFolder.Read(folder);
        if (options.Context > encoder.MaxTokens)
            throw new ModelFolderException(folder.Path, $"a context of {options.Context} is more than the {encoder.MaxTokens} tokens that the model was made for");
        var framing = new TextFraming(folder.Tokenizer, encoder);
        if (encoder.Task == EncoderTask.Scoring && !framing.KnowsPairs) throw new ModelFolderException(folder.Path, "the tokenizer's post-processor does not say how a pair of texts is joined");
        var choice = EngineChoice.OfEncoder(folder, options.Backend, options.Weights);
        say($"info: {options.Name} is computed by {choice.Engine}: {choice.Reason}");
        var runner = Runner(choice, folder, encoder, options);
        // Weights passed through managed arrays on their way; they are most of the heap, and none is needed again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var card = new ModelCard(options.Name, folder.Config["model_type"]!.ToString(), runner.Shape.Vocabulary, options.Context ?? encoder.MaxTokens, choice.Engine);
        return new LoadedEncoder(new EncoderBackend(runner, encoder.Readout, card, new EncoderOptions(), time), framing, encoder)
        {
            Created = time.GetUtcNow().ToUnixTimeSeconds(),
        };
    }

    private static IEncoderRunner Runner(EngineChoice choice, ModelFolder folder, EncoderFolder encoder, ServeOptions options)
    {
        if (choice.Engine == "onnx")
            return OnnxEncoderRunner.Load(folder, EncoderSpec.FromConfig(folder.Config, folder.Path), encoder, new OnnxOptions { Weights = options.Weights, Device = options.Device });
        var torch = new TorchOptions { Weights = options.Weights, Device = options.Device };
        return EncoderFolder.HasEncoder(folder) ? TorchEncoderRunner.Load(folder, torch) : TorchDecoderEncoder.Load(folder, torch);
    }
}
