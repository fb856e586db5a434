using System.Globalization;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using Gateway.Engine.Torch.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>One layer's weights; queries, keys and values in one matrix.</summary>
internal sealed record EncoderLayerWeights(Linear Qkv, Linear Output, Norm? AttentionNorm, Linear Up, Linear Down, Norm MlpNorm) : IDisposable
{
    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[Qkv, Output, AttentionNorm, Up, Down, MlpNorm]) part?.Dispose();
    }
}

/// <summary>All weights of an encoder, in float32 on one device.</summary>
internal sealed class EncoderWeights : IDisposable
{
    public required Tensor Embedding { get; init; }

    public Tensor? Positions { get; init; }

    public Tensor? TokenTypes { get; init; }

    public Tensor? Distances { get; init; }

    public required Norm EmbeddingNorm { get; init; }

    public required IReadOnlyList<EncoderLayerWeights> Layers { get; init; }

    public Norm? FinalNorm { get; init; }

    /// <exception cref="ModelFolderException">A weight is missing, of the wrong shape or unknown.</exception>
    public static EncoderWeights Load(EncoderSpec spec, TensorSource source, string file, Device device)
    {
        var tensors = new EncoderTensors(spec, source, file);
        var read = new EncoderWeightReader(spec, tensors, device, device.type == DeviceType.CPU ? Script.For(WeightFormat.F32) : null);
        var (names, hidden) = (spec.Names, spec.Hidden);
        var layers = new List<EncoderLayerWeights>();
        for (var n = 0; n < spec.Layers; n++)
        {
            string Name(string name) => name.Replace("{N}", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            layers.Add(new EncoderLayerWeights(
                read.Linear([.. names.Qkv.Select(Name)], 3 * hidden, hidden),
                read.Linear([Name(names.Output)], hidden, hidden),
                n == 0 && names.FirstLayerWithoutAttentionNorm ? null : read.Norm(Name(names.AttentionNorm)),
                read.Linear([Name(names.Up)], spec.Gated ? 2 * spec.Intermediate : spec.Intermediate, hidden),
                read.Linear([Name(names.Down)], hidden, spec.Intermediate),
                read.Norm(Name(names.MlpNorm))));
        }

        var loaded = new EncoderWeights
        {
            Embedding = read.Matrix(names.Embedding, spec.Vocabulary, hidden),
            Positions = names.Positions is null ? null : read.Matrix(names.Positions, spec.ContextLength + spec.FirstPosition, hidden),
            TokenTypes = names.TokenTypes is null ? null : read.Matrix(names.TokenTypes, spec.TokenTypes, hidden),
            Distances = names.Distances is null ? null : read.Matrix(names.Distances, spec.DistanceBuckets, spec.Heads),
            EmbeddingNorm = read.Norm(names.EmbeddingNorm),
            Layers = layers,
            FinalNorm = names.FinalNorm is null ? null : read.Norm(names.FinalNorm),
        };
        try
        {
            tensors.RefuseLeftovers();
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
        foreach (var part in (IDisposable?[])[Embedding, Positions, TokenTypes, Distances, EmbeddingNorm, FinalNorm, .. Layers]) part?.Dispose();
    }
}
