using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>One layer's weights; queries, keys and values in one matrix, gate and up in another.</summary>
internal sealed record LayerWeights(Norm AttentionNorm, Linear Qkv, Linear Output, Norm MlpNorm, Linear Up, Linear Down) : IDisposable
{
    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])[AttentionNorm, Qkv, Output, MlpNorm, Up, Down]) part.Dispose();
    }
}

/// <summary>All weights of a decoder, in float32 on one device, arranged for the forward pass.</summary>
internal sealed class DecoderWeights : IDisposable
{
    public required Tensor Embedding { get; init; }

    public Tensor? Positions { get; init; }

    public Norm? EmbeddingNorm { get; init; }

    public required IReadOnlyList<LayerWeights> Layers { get; init; }

    public required Norm FinalNorm { get; init; }

    public required Linear Head { get; init; }

    public jit.ScriptModule? Script { get; init; }

    /// <exception cref="ModelFolderException">A weight is missing or of the wrong shape.</exception>
    public static DecoderWeights Load(DecoderSpec spec, TensorSource source, string file, Device device)
    {
        var script = device.type == DeviceType.CPU ? PackedKernels.Value : null;
        var read = new WeightReader(spec, source, file, device, script);
        using var scope = NewDisposeScope();
        var names = spec.Names;
        var (q, kv) = (spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim);
        var embedding = read.Tensor(names.Embedding + ".weight", spec.Vocabulary, spec.Hidden);
        var layers = new List<LayerWeights>();
        for (var n = 0; n < spec.Layers; n++)
        {
            string Name(string name) => name.Replace("{N}", n.ToString(), StringComparison.Ordinal);
            string[] up = names.Gate is null ? [Name(names.Up)] : [Name(names.Gate), Name(names.Up)];
            layers.Add(new LayerWeights(
                read.Norm(Name(names.AttentionNorm)),
                names.Qkv.Count == 1 ? read.FusedQkv(Name(names.Qkv[0])) : read.Linear([.. names.Qkv.Select(Name)], [q, kv, kv], spec.Hidden, turned: spec.Position == PositionKind.Rotary),
                read.Linear([Name(names.Output)], [spec.Hidden], q),
                read.Norm(Name(names.MlpNorm)),
                read.Linear(up, [.. up.Select(_ => spec.Intermediate)], spec.Hidden),
                read.Linear([Name(names.Down)], [spec.Hidden], spec.Intermediate)));
        }

        var loaded = new DecoderWeights
        {
            Embedding = embedding.DetachFromDisposeScope(),
            Positions = names.Positions is null ? null : read.Tensor(names.Positions + ".weight", spec.ContextLength, spec.Hidden).DetachFromDisposeScope(),
            EmbeddingNorm = names.EmbeddingNorm is null ? null : read.Norm(names.EmbeddingNorm),
            Layers = layers,
            FinalNorm = read.Norm(names.FinalNorm),
            Head = spec.TiedHead ? new Linear(embedding.alias(), null, script) : read.Linear([names.Head], [spec.Vocabulary], spec.Hidden),
            Script = script,
        };
        try
        {
            read.RefuseLeftovers();
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Embedding.Dispose();
        Positions?.Dispose();
        EmbeddingNorm?.Dispose();
        foreach (var layer in Layers) layer.Dispose();
        FinalNorm.Dispose();
        Head.Dispose();
    }

    // One module for all models of the process: it holds no weights.
    private static readonly Lazy<jit.ScriptModule?> PackedKernels = new(Kernels.Script.TryLoad);
}
