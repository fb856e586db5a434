using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Graph;
using Gateway.Engine.Onnx.Sessions;
using Gateway.Engine.Runner;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx;

/// <summary>A decoder on ONNX Runtime, as a graph that is written here from its weights.</summary>
public sealed class OnnxRunner : IModelRunner
{
    private readonly DecoderSpec spec;
    private readonly GraphLayout layout;
    private readonly RotaryTable[] tables;
    private readonly InferenceSession session;
    private readonly OrtAllocator allocator;
    private readonly OrtIoBinding binding;
    private readonly KvTensors cache;
    private readonly RunOptions run = new();
    private readonly Action<string, float[]>? observe;
    private float[] results = [];

    private OnnxRunner(DecoderSpec spec, InferenceSession session, OnnxDevice device, RunnerShape shape, Action<string, float[]>? observe)
    {
        (this.spec, this.session, this.observe, Shape) = (spec, session, observe, shape);
        layout = new GraphLayout(spec);
        tables = [.. layout.Rotaries.Select(rotary => new RotaryTable(rotary, shape.ContextLength))];
        using var memory = device.Memory();
        allocator = new OrtAllocator(session, memory);
        binding = session.CreateIoBinding();
        cache = new KvTensors(spec, (long)shape.BlockCount * shape.BlockSize, allocator, binding);
    }

    /// <inheritdoc/>
    public RunnerShape Shape { get; }

    /// <summary>Writes the graph unless it is cached, and opens it; the folder may be closed afterwards.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says, or an option cannot be met.</exception>
    public static OnnxRunner Load(ModelFolder folder, OnnxOptions options) => Load(folder, options, null);

    /// <param name="folder">What to load.</param>
    /// <param name="options">How.</param>
    /// <param name="observe">Told <c>embed</c>, <c>layer.N</c>, <c>attention.N</c>, <c>router.N</c> and <c>final</c> of each run; for tests.</param>
    internal static OnnxRunner Load(ModelFolder folder, OnnxOptions options, Action<string, float[]>? observe)
    {
        var spec = DecoderSpec.FromConfig(folder.Config, folder.Path);
        var format = WeightFormats.Of(options.Weights, folder.Path);
        if (options.ContextLength > spec.ContextLength)
            throw new ModelFolderException(folder.Path, $"a context of {options.ContextLength} is more than the {spec.ContextLength} that the model was made for");
        var device = OnnxDevice.Of(options.Device, folder.Path);
        var context = Math.Min(options.ContextLength ?? spec.ContextLength, spec.ContextLength);
        var blocks = options.BlockCount ?? BlocksFor(spec, options, context);
        var shape = new RunnerShape(spec.Vocabulary, Math.Min(context, blocks * options.BlockSize), options.BlockSize, blocks, spec.Scaling);
        using var graph = GraphFolder.For(folder, spec, format, options, observe is not null);
        using var settings = device.Options(options.Threads);
        return new OnnxRunner(spec, new InferenceSession(graph.Model, settings), device, shape, observe);
    }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<Slice> slices, Span<float> logits)
    {
        // Slices with as many tokens as each other are one run: all that decode together, each piece of a prompt by itself.
        var rows = new int[slices.Count + 1];
        for (var i = 0; i < slices.Count; i++) rows[i + 1] = rows[i] + slices[i].LogitRows;
        foreach (var group in Enumerable.Range(0, slices.Count).GroupBy(i => slices[i].Tokens.Length))
        {
            using var batch = new RunBatch([.. group.Select(i => slices[i])], spec, layout, tables, Shape.BlockSize, binding);
            var found = Run(batch);
            var row = 0;
            foreach (var i in group)
            {
                found.Slice(row * spec.Vocabulary, slices[i].LogitRows * spec.Vocabulary).CopyTo(logits[(rows[i] * spec.Vocabulary)..]);
                row += slices[i].LogitRows;
            }
        }
    }

    /// <summary>Nothing is kept for a sequence beyond its blocks.</summary>
    public void Release(long sequence)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        cache.Dispose();
        allocator.Dispose();
        run.Dispose();
        session.Dispose();
    }

    private ReadOnlySpan<float> Run(RunBatch batch)
    {
        var size = batch.Rows * spec.Vocabulary;
        if (results.Length < size) results = new float[size];
        using var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, results.AsMemory(0, size), [batch.Rows, spec.Vocabulary]);
        binding.BindOutput(RunInputs.Logits, output);
        if (observe is not null) Watch();
        session.RunWithBinding(run, binding);
        if (observe is not null) Tell();
        return results.AsSpan(0, batch.LogitCount * spec.Vocabulary);
    }

    private IEnumerable<string> Watched => session.OutputNames.Where(name => name is "embed" or "final" || name.Split('.')[0] is "layer" or "attention" or "router");

    private void Watch()
    {
        foreach (var name in Watched) binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
    }

    private void Tell()
    {
        var names = binding.GetOutputNames();
        using var outputs = binding.GetOutputValues();
        for (var i = 0; i < outputs.Count; i++)
            if (Watched.Contains(names[i])) observe!(names[i], outputs[i].GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>What the memory holds, but no less than one sequence of full length and no more than a hundred.</summary>
    private static int BlocksFor(DecoderSpec spec, OnnxOptions options, int context)
    {
        var bytes = 2L * spec.Layers * spec.KvHeads * spec.HeadDim * sizeof(float) * options.BlockSize;
        var one = (context + options.BlockSize - 1) / options.BlockSize;
        return (int)Math.Clamp(options.CacheBytes / bytes, one, 100L * one);
    }
}
