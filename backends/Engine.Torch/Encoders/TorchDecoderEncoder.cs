using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Torch.Kernels;
using Gateway.Engine.Torch.Transformer;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>A decoder read for its hidden states (Qwen3-Embedding and its like): every text is a sequence that is computed whole and forgotten.</summary>
public sealed class TorchDecoderEncoder : IEncoderRunner
{
    private const int BlockSize = 16;
    private const int LeastCacheTokens = 4096; // texts that fit one pass over the weights; a single text may be longer

    private readonly Decoder decoder;
    private readonly Sights sights;
    private readonly PagedKv cache;
    private readonly Device device;
    private readonly int blockCount;
    private readonly int positionOffset;

    private TorchDecoderEncoder(DecoderSpec spec, DecoderWeights weights, Device device)
    {
        (this.device, positionOffset) = (device, spec.PositionOffset);
        // Pages cost memory only once a text is that long.
        blockCount = (Math.Max(spec.ContextLength, LeastCacheTokens) + BlockSize - 1) / BlockSize;
        cache = new PagedKv(spec, blockCount, BlockSize, device);
        sights = new Sights(spec, BlockSize, device);
        decoder = new Decoder(spec, weights, cache, sights, new Turns(spec, spec.ContextLength, device));
        Shape = new EncoderShape(spec.Vocabulary, spec.Hidden, spec.ContextLength) { StepTokens = TorchEncoderRunner.StepTokensOn(device) };
    }

    /// <inheritdoc/>
    public EncoderShape Shape { get; }

    /// <summary>Reads the weights but for the head; the folder may be closed afterwards.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says, or an option cannot be met.</exception>
    public static TorchDecoderEncoder Load(ModelFolder folder, TorchOptions options)
    {
        var spec = DecoderSpec.FromConfig(folder.Config, folder.Path);
        TorchEncoderRunner.RequireFloats(options, folder.Path);
        var device = TorchRunner.DeviceOf(options.Device, folder.Path);
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        return new TorchDecoderEncoder(spec, DecoderWeights.Load(spec, folder.Tensors, folder.Path, device, WeightFormat.F32, head: false), device);
    }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<EncoderInput> inputs, EncodedRows rows, Span<float> hidden)
    {
        using var inference = inference_mode();
        var slices = new List<Slice>();
        var blocks = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            var length = inputs[i].Tokens.Length;
            var needed = (length + BlockSize - 1) / BlockSize;
            if (blocks + needed > blockCount)
            {
                hidden = hidden[Compute(slices, rows, hidden)..];
                (slices, blocks) = ([], 0);
            }

            slices.Add(new Slice(i, inputs[i].Tokens, 0, Enumerable.Range(blocks, needed).ToArray(), rows == EncodedRows.Last ? 1 : length, length));
            blocks += needed;
        }

        Compute(slices, rows, hidden);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        decoder.Dispose();
        cache.Dispose();
    }

    /// <returns>Values written.</returns>
    private int Compute(List<Slice> slices, EncodedRows rows, Span<float> hidden)
    {
        using var scope = NewDisposeScope();
        var states = decoder.States(new RaggedBatch(slices, sights, positionOffset, BlockSize, device, join: false)); // [rows, hidden]
        if (rows == EncodedRows.First)
        {
            var first = new long[slices.Count];
            for (var i = 1; i < first.Length; i++) first[i] = first[i - 1] + slices[i - 1].Tokens.Length;
            states = states.index_select(0, tensor(first, device: device)); // [texts, hidden]
        }

        var count = (int)states.numel();
        states.CopyTo(hidden[..count]);
        return count;
    }
}
