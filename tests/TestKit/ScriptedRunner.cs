using Gateway.Engine.Runner;

namespace Gateway.TestKit;

/// <summary>
/// A network whose logits are a pure function of the sequence's whole history <i>as read back from its cache blocks</i>: a wrong block table,
/// a shared block that was overwritten, or a resumption that skips a token changes the output. It checks the contract as it goes.
/// </summary>
public sealed class ScriptedRunner(RunnerShape shape) : IModelRunner
{
    private readonly int[] slots = new int[shape.BlockCount * shape.BlockSize];

    /// <inheritdoc/>
    public RunnerShape Shape { get; } = shape;

    /// <summary>Called before each step with its slices; may throw to stand for a failing network.</summary>
    public Action<IReadOnlyList<Slice>>? BeforeStep { get; set; }

    /// <summary>Steps so far.</summary>
    public int Steps { get; private set; }

    /// <summary>Most tokens that one step computed.</summary>
    public int LargestStep { get; private set; }

    /// <summary>Whether it was disposed.</summary>
    public bool Disposed { get; private set; }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<Slice> slices, Span<float> logits)
    {
        BeforeStep?.Invoke(slices);
        Steps++;
        LargestStep = Math.Max(LargestStep, slices.Sum(slice => slice.Tokens.Length));
        if (slices.Select(slice => slice.Sequence).Distinct().Count() != slices.Count) throw new InvalidOperationException("A sequence has two slices in one step.");
        if (logits.Length != slices.Sum(slice => slice.LogitRows) * Shape.Vocabulary) throw new InvalidOperationException("The logits have another size than the slices want.");
        foreach (var slice in slices) Write(slice);
        var row = 0;
        foreach (var slice in slices)
            for (var i = slice.Tokens.Length - slice.LogitRows; i < slice.Tokens.Length; i++) Logits(slice, slice.Start + i, logits.Slice(row++ * Shape.Vocabulary, Shape.Vocabulary));
    }

    /// <inheritdoc/>
    public void Release(long sequence)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => Disposed = true;

    private void Write(Slice slice)
    {
        if (slice.Tokens.Length == 0) throw new InvalidOperationException("A slice has no tokens.");
        if (slice.Blocks.Length * Shape.BlockSize < slice.Start + slice.Tokens.Length) throw new InvalidOperationException("The blocks do not cover the slice.");
        if (slice.Start + slice.Tokens.Length > Shape.ContextLength) throw new InvalidOperationException("The slice leaves the context.");
        for (var i = 0; i < slice.Tokens.Length; i++) slots[Slot(slice, slice.Start + i)] = slice.Tokens.Span[i];
    }

    private void Logits(Slice slice, int position, Span<float> row)
    {
        var history = 17UL;
        for (var i = 0; i <= position; i++) history = Mix(history ^ (ulong)(uint)slots[Slot(slice, i)]);
        for (var token = 0; token < row.Length; token++) row[token] = (Mix(history + (ulong)token) >> 40) / (float)(1 << 22);
    }

    private int Slot(Slice slice, int position) => (slice.Blocks.Span[position / Shape.BlockSize] * Shape.BlockSize) + (position % Shape.BlockSize);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
