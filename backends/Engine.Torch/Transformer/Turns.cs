using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>How far the tokens of a step are turned, for each kind of rotation that the layers have.</summary>
internal sealed class Turns
{
    private readonly RotaryTable[] tables;
    private readonly int[] tableOf; // [layers], −1 for layers that do not turn
    private readonly Device device;

    public Turns(DecoderSpec spec, int contextLength, Device device)
    {
        var kinds = spec.LayerSpecs.Select(layer => layer.Rotary).OfType<RotarySpec>().Distinct(ReferenceEqualityComparer.Instance).Cast<RotarySpec>().ToList();
        tables = [.. kinds.Select(kind => new RotaryTable(kind, contextLength))];
        tableOf = [.. spec.LayerSpecs.Select(layer => kinds.FindIndex(kind => ReferenceEquals(kind, layer.Rotary)))];
        this.device = device;
    }

    /// <summary>One tensor for each layer, shared between layers of one kind: [tokens, 1, pairs] complex, or null.</summary>
    public Tensor?[] Of(IReadOnlyList<Slice> slices, int tokens)
    {
        var turns = tables.Select(table =>
        {
            var rows = new float[tokens * table.Pairs * 2];
            var row = 0;
            foreach (var slice in slices)
                for (var i = 0; i < slice.Tokens.Length; i++, row++) table.Write(slice.Start + i, slice.Reach, rows.AsSpan(row * table.Pairs * 2));
            return view_as_complex(tensor(rows, [tokens, 1, table.Pairs, 2], device: device));
        }).ToArray();
        return [.. tableOf.Select(kind => kind < 0 ? null : turns[kind])];
    }
}
