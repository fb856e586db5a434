using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>An encoder on TorchSharp.</summary>
public sealed class TorchEncoderRunner : IEncoderRunner
{
    private readonly EncoderSpec spec;
    private readonly Encoder encoder;
    private readonly Device device;

    private TorchEncoderRunner(EncoderSpec spec, Encoder encoder, Device device)
    {
        (this.spec, this.encoder, this.device) = (spec, encoder, device);
        Shape = new EncoderShape(spec.Vocabulary, spec.Hidden, spec.ContextLength) { StepTokens = StepTokensOn(device) };
    }

    /// <inheritdoc/>
    public EncoderShape Shape { get; }

    /// <summary>Reads the weights; the folder may be closed afterwards.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says, or an option cannot be met.</exception>
    public static TorchEncoderRunner Load(ModelFolder folder, TorchOptions options)
    {
        var spec = EncoderSpec.FromConfig(folder.Config, folder.Path);
        RequireFloats(options, folder.Path);
        var device = TorchRunner.DeviceOf(options.Device, folder.Path);
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        return new TorchEncoderRunner(spec, new Encoder(spec, EncoderWeights.Load(spec, folder.Tensors, folder.Path, device), device), device);
    }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<EncoderInput> inputs, EncodedRows rows, Span<float> hidden)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        encoder.Forward(new EncoderBatch(inputs, rows, spec.FirstPosition, device)).CopyTo(hidden);
    }

    internal static int StepTokensOn(Device device) => device.type == TorchSharp.DeviceType.CPU ? 512 : 16_384;

    internal static void RequireFloats(TorchOptions options, string file)
    {
        if (options.Weights is not ("auto" or "f32")) throw new ModelFolderException(file, $"weights in '{options.Weights}' are not supported for an embedding model; use auto or f32");
    }

    /// <inheritdoc/>
    public void Dispose() => encoder.Dispose();
}
