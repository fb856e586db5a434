using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch;
using Gateway.Engine.Torch.Encoders;
using Gateway.Worker.Hosting;

namespace Gateway.Worker.Models;

/// <summary>Reads the folder of an embedding model or cross-encoder into memory.</summary>
internal static class EncoderLoader
{
    /// <exception cref="ModelFolderException">The folder cannot be served.</exception>
    public static LoadedEncoder Load(ModelFolder folder, ServeOptions options, TimeProvider time)
    {
        var encoder = EncoderFolder.Read(folder);
        if (options.Context > encoder.MaxTokens)
            throw new ModelFolderException(folder.Path, $"a context of {options.Context} is more than the {encoder.MaxTokens} tokens that the model was made for");
        var framing = new TextFraming(folder.Tokenizer, encoder);
        if (encoder.Task == EncoderTask.Scoring && !framing.KnowsPairs) throw new ModelFolderException(folder.Path, "the tokenizer's post-processor does not say how a pair of texts is joined");
        var torch = new TorchOptions { Weights = options.Weights, Device = options.Device };
        IEncoderRunner runner = EncoderFolder.HasEncoder(folder) ? TorchEncoderRunner.Load(folder, torch) : TorchDecoderEncoder.Load(folder, torch);
        // Weights passed through managed arrays on their way; they are most of the heap, and none is needed again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var card = new ModelCard(options.Name, folder.Config["model_type"]!.ToString(), runner.Shape.Vocabulary, options.Context ?? encoder.MaxTokens, "torch");
        return new LoadedEncoder(new EncoderBackend(runner, encoder.Readout, card, new EncoderOptions(), time), framing, encoder)
        {
            Created = time.GetUtcNow().ToUnixTimeSeconds(),
        };
    }
}
