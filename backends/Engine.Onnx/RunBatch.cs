using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Graph;
using Gateway.Engine.Runner;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx;

/// <summary>Slices with the same number of tokens as the inputs of one run. The sequences' caches differ in length: the shorter ones are masked.</summary>
internal sealed class RunBatch : IDisposable
{
    private readonly List<OrtValue> held = [];
    private readonly IReadOnlyList<Slice> slices;
    private readonly DecoderSpec spec;
    private readonly int blockSize;
    private readonly int each; // tokens of a sequence

    public RunBatch(IReadOnlyList<Slice> slices, DecoderSpec spec, GraphLayout layout, IReadOnlyList<RotaryTable> tables, int blockSize, OrtIoBinding binding)
    {
        (this.slices, this.spec, this.blockSize, each) = (slices, spec, blockSize, slices[0].Tokens.Length);
        var (count, group) = (slices.Count * each, spec.Heads / spec.KvHeads);
        var (tokens, positions, slots) = (new long[count], new long[count], new long[spec.KvHeads * count * 2]);
        var rows = new List<long>();
        for (var (s, row) = (0, 0); s < slices.Count; s++)
        {
            var slice = slices[s];
            for (var i = 0; i < each; i++, row++)
            {
                tokens[row] = slice.Tokens.Span[i];
                positions[row] = slice.Start + i + spec.PositionOffset;
                for (var h = 0; h < spec.KvHeads; h++) (slots[((h * count) + row) * 2], slots[(((h * count) + row) * 2) + 1]) = (h, Slot(slice, slice.Start + i));
            }

            for (var i = slice.LogitRows; i > 0; i--) rows.Add(row - i);
        }

        LogitCount = rows.Count;
        if (rows.Count == 0) rows.Add(0); // the graph computes at least one
        Rows = rows.Count;
        Bind(binding, RunInputs.Tokens, tokens, count);
        Bind(binding, RunInputs.Positions, positions, count);
        Bind(binding, RunInputs.Rows, rows.ToArray(), rows.Count);
        Bind(binding, RunInputs.Slots, slots, spec.KvHeads, count, 2);
        Bind<long>(binding, RunInputs.QueryShape, [slices.Count, each, spec.KvHeads, group, spec.HeadDim], 5);
        Bind<long>(binding, RunInputs.OutputShape, [spec.KvHeads, slices.Count, group, each, spec.HeadDim], 5);
        Bind(binding, RunInputs.GroupOfRow, Enumerable.Range(0, group * each).Select(row => (long)(row / each)).ToArray(), group * each);
        for (var kind = 0; kind < tables.Count; kind++) Turns(binding, kind, tables[kind]);
        for (var kind = 0; kind < layout.Windows.Count; kind++) Sight(binding, kind, layout.Windows[kind], group);
    }

    /// <summary>Rows that somebody wants.</summary>
    public int LogitCount { get; }

    /// <summary>Rows that come out.</summary>
    public int Rows { get; }

    public void Dispose()
    {
        foreach (var value in held) value.Dispose();
    }

    private void Turns(OrtIoBinding binding, int kind, RotaryTable table)
    {
        var (cos, sin) = (new float[slices.Count * each * table.Pairs], new float[slices.Count * each * table.Pairs]);
        var both = new float[table.Pairs * 2];
        for (var (s, at) = (0, 0); s < slices.Count; s++)
        {
            for (var i = 0; i < each; i++)
            {
                table.Write(slices[s].Start + i, slices[s].Reach, both);
                for (var pair = 0; pair < table.Pairs; pair++, at++) (cos[at], sin[at]) = (both[pair * 2], both[(pair * 2) + 1]);
            }
        }

        Bind(binding, RunInputs.Cosine(kind), cos, slices.Count * each, 1, table.Pairs);
        Bind(binding, RunInputs.Sine(kind), sin, slices.Count * each, 1, table.Pairs);
    }

    /// <summary>What each row sees: itself and what is before it, as far back as the window.</summary>
    private void Sight(OrtIoBinding binding, int kind, int? window, int group)
    {
        // The first row sees furthest back; what lies before that is not read.
        int From(Slice slice) => window is { } w ? Math.Max(0, slice.Start - w + 1) : 0;
        var length = slices.Max(slice => slice.Start + each - From(slice));
        var seen = new long[slices.Count * length];
        var mask = new float[slices.Count * group * each * length];
        var positions = new float[slices.Count * length];
        for (var s = 0; s < slices.Count; s++)
        {
            var (slice, from) = (slices[s], From(slices[s]));
            var own = slice.Start + each - from;
            // The rest points at the sequence's own last slot: whatever is masked must be a number.
            for (var i = 0; i < length; i++) (seen[(s * length) + i], positions[(s * length) + i]) = (Slot(slice, from + Math.Min(i, own - 1)), from + i);
            for (var row = 0; row < group * each; row++)
            {
                var line = mask.AsSpan(((s * group * each) + row) * length, length);
                var last = slice.Start + (row % each) - from; // in keys from the first that is read
                line[(last + 1)..].Fill(float.NegativeInfinity);
                if (window is { } w) line[..Math.Max(0, last - w + 1)].Fill(float.NegativeInfinity);
            }
        }

        Bind(binding, RunInputs.Seen(kind), seen, slices.Count, length);
        Bind(binding, RunInputs.Mask(kind), mask, 1, slices.Count, group * each, length);
        if (spec.Position == PositionKind.Alibi) Bind(binding, RunInputs.KeyPositions(kind), positions, 1, slices.Count, 1, length);
    }

    private long Slot(Slice slice, int position) => ((long)slice.Blocks.Span[position / blockSize] * blockSize) + (position % blockSize);

    private void Bind<T>(OrtIoBinding binding, string name, T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var value = OrtValue.CreateTensorValueFromMemory(values, shape.ToArray());
        held.Add(value);
        binding.BindInput(name, value);
    }
}
