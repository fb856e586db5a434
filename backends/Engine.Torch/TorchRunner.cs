using System.Globalization;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Torch.Kernels;
using Gateway.Engine.Torch.Transformer;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch;

/// <summary>A decoder on TorchSharp.</summary>
public sealed class TorchRunner : IModelRunner
{
    private const long LargeParameters = 1_000_000_000;
    private const long SmallParameters = 20_000_000;
    private readonly Decoder decoder;
    private readonly Sights sights;
    private readonly int positionOffset;
    private readonly PagedKv cache;
    private readonly Device device;
    private readonly bool join;

    private TorchRunner(Decoder decoder, Sights sights, int positionOffset, PagedKv cache, Device device, bool join, RunnerShape shape) =>
        (this.decoder, this.sights, this.positionOffset, this.cache, this.device, this.join, Shape) = (decoder, sights, positionOffset, cache, device, join, shape);

    /// <inheritdoc/>
    public RunnerShape Shape { get; }

    /// <summary>Called with the name of a stage and its rows, [tokens, hidden]: <c>embed</c>, <c>layer.N</c>, <c>final</c>. For tests.</summary>
    internal Action<string, Tensor>? Observer
    {
        set => decoder.Observer = value;
    }

    /// <summary>Reads the weights; the folder may be closed afterwards.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says, or an option cannot be met.</exception>
    public static TorchRunner Load(ModelFolder folder, TorchOptions options)
    {
        var spec = DecoderSpec.FromConfig(folder.Config, folder.Path);
        var format = FormatOf(options.Weights, spec, folder);
        var device = DeviceOf(options.Device, folder.Path);
        var context = Math.Min(options.ContextLength ?? spec.ContextLength, spec.ContextLength);
        if (options.ContextLength > spec.ContextLength)
            throw new ModelFolderException(folder.Path, $"a context of {options.ContextLength} is more than the {spec.ContextLength} that the model was made for");
        // A small model's operators are over before a second thread has woken, and whoever sends its tokens out needs a processor too.
        set_num_threads(options.Threads ?? (Parameters(folder) < SmallParameters ? 1 : Environment.ProcessorCount));
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        DecoderWeights weights;
        LoadingMemory.Begin();
        try
        {
            weights = DecoderWeights.Load(spec, folder.Tensors, folder.Path, device, format);
        }
        finally
        {
            LoadingMemory.End();
        }

        var blocks = options.BlockCount ?? BlocksFor(spec, options, context, device);
        var cache = new PagedKv(spec, blocks, options.BlockSize, device);
        var shape = new RunnerShape(spec.Vocabulary, Math.Min(context, blocks * options.BlockSize), options.BlockSize, blocks, spec.Scaling);
        var sights = new Sights(spec, options.BlockSize, device);
        var join = options.Join ?? device.type != TorchSharp.DeviceType.CPU;
        return new TorchRunner(new Decoder(spec, weights, cache, sights, new Turns(spec, context, device)), sights, spec.PositionOffset, cache, device, join, shape);
    }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<Slice> slices, Span<float> logits)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var batch = new RaggedBatch(slices, sights, positionOffset, Shape.BlockSize, device, join);
        var result = decoder.Forward(batch); // [rows, vocabulary]
        if (batch.LogitCount == 0) return;
        result.CopyTo(logits);
    }

    /// <summary>Nothing is kept for a sequence beyond its blocks.</summary>
    public void Release(long sequence)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        decoder.Dispose();
        cache.Dispose();
    }

    /// <summary>What the memory holds, but no less than one sequence of full length and no more than a hundred.</summary>
    private static int BlocksFor(DecoderSpec spec, TorchOptions options, int context, Device device)
    {
        var room = options.CacheBytes ?? (device.type == TorchSharp.DeviceType.CPU ? 512L << 20 : 2L << 30);
        var bytes = 2L * spec.Layers * spec.KvHeads * spec.HeadDim * sizeof(float) * options.BlockSize;
        var one = (context + options.BlockSize - 1) / options.BlockSize;
        return (int)Math.Clamp(room / bytes, one, 100L * one);
    }

    private static long Parameters(ModelFolder folder) => folder.Tensors.Tensors.Values.Sum(tensor => tensor.Count);

    /// <summary>Small models in float32, the reference's numbers; large ones that are stored in 16 bits as they are stored.</summary>
    private static WeightFormat FormatOf(string name, DecoderSpec spec, ModelFolder folder) => name switch
    {
        "f32" => WeightFormat.F32,
        "bf16" => WeightFormat.Bf16,
        "auto" => Parameters(folder) > LargeParameters && folder.Tensors.Tensors.TryGetValue(spec.Names.Prefixes[0] + spec.Names.Embedding + ".weight", out var embedding) && embedding.Type is "F16" or "BF16" ? WeightFormat.Bf16 : WeightFormat.F32,
        _ => throw new ModelFolderException(folder.Path, $"weights in '{name}' are not supported by the torch backend; use auto, f32 or bf16"),
    };

    internal static Device DeviceOf(string name, string file)
    {
        if (name == "cpu") return CPU;
        if (name == "auto") return cuda.is_available() ? CUDA : CPU;
        var index = 0;
        if (name == "cuda" || (name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            if (!cuda.is_available()) throw new ModelFolderException(file, $"the device '{name}' was asked for, but this machine or this build has no CUDA");
            if (index >= cuda.device_count()) throw new ModelFolderException(file, $"the device '{name}' was asked for, but this machine has {cuda.device_count()} of them, counted from 0");
            return device(TorchSharp.DeviceType.CUDA, index);
        }

        throw new ModelFolderException(file, $"the device '{name}' is not known; use auto, cpu or cuda[:n]");
    }
}
