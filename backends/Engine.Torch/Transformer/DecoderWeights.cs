using System.Runtime.ExceptionServices;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>One layer's weights; queries, keys and values in one matrix.</summary>
internal sealed record LayerWeights(Norm AttentionNorm, Linear Qkv, Norm? QueryNorm, Norm? KeyNorm, Tensor? Sinks, Linear Output, Norm? AttentionOutputNorm,
    Norm MlpNorm, FeedForward Mlp, Norm? MlpOutputNorm) : IDisposable
{
    public void Dispose()
    {
        foreach (IDisposable? part in (IDisposable?[])[AttentionNorm, Qkv, QueryNorm, KeyNorm, Sinks, Output, AttentionOutputNorm, MlpNorm, Mlp, MlpOutputNorm]) part?.Dispose();
    }
}

/// <summary>All weights of a decoder on one device, arranged for the forward pass.</summary>
internal sealed class DecoderWeights : IDisposable
{
    public required Tensor Embedding { get; init; }

    public Tensor? Positions { get; init; }

    public Norm? EmbeddingNorm { get; init; }

    public Linear? ProjectIn { get; init; }

    public required IReadOnlyList<LayerWeights> Layers { get; init; }

    public Norm? FinalNorm { get; init; }

    public Linear? ProjectOut { get; init; }

    /// <summary>Null where only hidden states are wanted.</summary>
    public Linear? Head { get; init; }

    public jit.ScriptModule? Script { get; init; }

    /// <exception cref="ModelFolderException">A weight is missing or of the wrong shape.</exception>
    public static DecoderWeights Load(DecoderSpec spec, TensorSource source, string file, Device device, WeightFormat format, bool head = true)
    {
        var script = device.type == DeviceType.CPU ? Kernels.Script.For(format) : null;
        using var read = new WeightReader(spec, source, file, device, format, script);
        using var scope = NewDisposeScope();
        var (names, width) = (spec.Names, spec.EmbeddingWidth ?? spec.Hidden);
        var layers = new LayerWeights[spec.Layers];
        // Some read while others pack; one more than there are processors, because reading waits.
        try
        {
            Parallel.For(0, spec.Layers, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount + 1 }, n => layers[n] = Layer(spec, read, n));
        }
        catch (AggregateException e)
        {
            foreach (var layer in layers) layer?.Dispose();
            // Which layer fails first is chance; the message is not.
            ExceptionDispatchInfo.Throw(e.InnerExceptions.OrderBy(inner => inner.Message, StringComparer.Ordinal).First());
        }

        var embedding = read.Tensor(names.Embedding + ".weight", spec.Vocabulary, width).to(format == WeightFormat.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32).DetachFromDisposeScope();
        var loaded = new DecoderWeights
        {
            Embedding = embedding,
            Positions = read.Optional(names.Positions is null ? null : names.Positions + ".weight", spec.ContextLength + spec.PositionOffset, spec.Hidden),
            EmbeddingNorm = read.Norm(names.EmbeddingNorm),
            ProjectIn = names.ProjectIn is null ? null : read.Linear([names.ProjectIn], [spec.Hidden], width),
            Layers = layers,
            FinalNorm = read.Norm(names.FinalNorm),
            ProjectOut = names.ProjectOut is null ? null : read.Linear([names.ProjectOut], [width], spec.Hidden),
            Head = !head ? null : spec.TiedHead ? new Linear(embedding.alias(), null, format, script) : read.Linear([names.Head], [spec.Vocabulary], width),
            Script = script,
        };
        try
        {
            read.RefuseLeftovers(head);
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
        ProjectIn?.Dispose();
        foreach (var layer in Layers) layer.Dispose();
        FinalNorm?.Dispose();
        ProjectOut?.Dispose();
        Head?.Dispose();
    }

    private static LayerWeights Layer(DecoderSpec spec, WeightReader read, int n)
    {
        // What a layer was read through is freed before the next one.
        using var scope = NewDisposeScope();
        var (names, own) = (spec.Names, spec.LayerSpecs[n]);
        string Name(string name) => name.Replace("{N}", n.ToString(), StringComparison.Ordinal);
        string? Maybe(string? name) => name is null ? null : Name(name);
        return new LayerWeights(
            read.Norm(Name(names.AttentionNorm))!,
            read.Qkv([.. names.Qkv.Select(Name)], own.Rotary),
            read.HeadNorm(Maybe(names.QueryNorm), own.Rotary),
            read.HeadNorm(Maybe(names.KeyNorm), own.Rotary),
            read.Optional(Maybe(names.Sinks), spec.Heads),
            read.Linear([Name(names.Output)], [spec.Hidden], spec.Heads * spec.HeadDim),
            read.Norm(Maybe(names.AttentionOutputNorm)),
            read.Norm(Name(names.MlpNorm))!,
            own.Experts ? Experts(spec, read, Name) : Dense(spec, read, Maybe(names.Gate), Name(names.Up), Name(names.Down), spec.Intermediate),
            read.Norm(Maybe(names.MlpOutputNorm)));
    }

    private static DenseFeedForward Dense(DecoderSpec spec, WeightReader read, string? gate, string up, string down, int inside)
    {
        var into = gate is not null ? read.Linear([gate, up], [inside, inside], spec.Hidden) : read.Linear([up], [spec.Gated ? 2 * inside : inside], spec.Hidden);
        return new DenseFeedForward(spec, into, read.Linear([down], [spec.Hidden], inside));
    }

    private static ExpertFeedForward Experts(DecoderSpec spec, WeightReader read, Func<string, string> name)
    {
        var (names, choice) = (spec.Names, spec.Experts!);
        var experts = names.ExpertsTogether is { } together
            ? read.ExpertsTogether(name(together), choice).Select(expert => new DenseFeedForward(spec, expert.Up, expert.Down))
            : Enumerable.Range(0, choice.Count).Select(e =>
            {
                string Own(string? part) => name(part!).Replace("{E}", e.ToString(), StringComparison.Ordinal);
                return Dense(spec, read, Own(names.ExpertGate), Own(names.ExpertUp), Own(names.ExpertDown), choice.Intermediate);
            });
        return new ExpertFeedForward(choice, read.Linear([name(names.Router!)], [choice.Count], spec.Hidden), [.. experts]);
    }
}
