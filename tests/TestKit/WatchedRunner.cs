using Gateway.Engine.Runner;

namespace Gateway.TestKit;

/// <summary>Passes everything on and counts; <paramref name="beforeStep"/> is told the number of the step that is about to be computed.</summary>
public sealed class WatchedRunner(IModelRunner inner, Action<int>? beforeStep = null) : IModelRunner
{
    public RunnerShape Shape => inner.Shape;

    public int Steps { get; private set; }

    public int Released { get; private set; }

    public int WidestBatch { get; private set; }

    public void Forward(IReadOnlyList<Slice> slices, Span<float> logits)
    {
        beforeStep?.Invoke(Steps++);
        WidestBatch = Math.Max(WidestBatch, slices.Count);
        inner.Forward(slices, logits);
    }

    public void Release(long sequence)
    {
        Released++;
        inner.Release(sequence);
    }

    public void Dispose() => inner.Dispose();
}
