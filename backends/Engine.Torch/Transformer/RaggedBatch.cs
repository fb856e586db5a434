using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>One sequence's part of a batch.</summary>
/// <param name="FirstRow">Its first row among all tokens of the batch.</param>
/// <param name="Tokens">Its rows.</param>
/// <param name="Start">Position of the first of them.</param>
/// <param name="Sights">What its rows see, for each kind of window.</param>
internal readonly record struct SequenceView(int FirstRow, int Tokens, int Start, Sight[] Sights);

/// <summary>The stretch of a sequence's cache that its rows see in layers of one window.</summary>
/// <param name="FirstSlot">Where its positions begin when they lie one after the other.</param>
/// <param name="Length">Positions.</param>
/// <param name="Slots">[length] slots of its positions where they do not, else null.</param>
/// <param name="Mask">Added to the scores, broadcast to [1, kvHeads, group · tokens, length]; null where every position is seen by every row.</param>
internal readonly record struct Sight(long FirstSlot, int Length, Tensor? Slots, Tensor? Mask);

/// <summary>The slices of a step as tensors: all tokens in one row after another, nothing padded.</summary>
internal sealed class RaggedBatch
{
    public RaggedBatch(IReadOnlyList<Slice> slices, Sights sights, int positionOffset, int blockSize, Device device)
    {
        var count = slices.Sum(slice => slice.Tokens.Length);
        var (tokens, positions, slots) = (new long[count], new long[count], new long[count]);
        var wanted = new List<long>(slices.Count);
        var views = new SequenceView[slices.Count];
        var row = 0;
        for (var s = 0; s < slices.Count; s++)
        {
            var slice = slices[s];
            var blocks = slice.Blocks.Span;
            var first = row;
            for (var i = 0; i < slice.Tokens.Length; i++, row++)
            {
                var position = slice.Start + i;
                tokens[row] = slice.Tokens.Span[i];
                positions[row] = position + positionOffset;
                slots[row] = ((long)blocks[position / blockSize] * blockSize) + (position % blockSize);
            }

            for (var i = slice.LogitRows; i > 0; i--) wanted.Add(row - i);
            views[s] = new SequenceView(first, slice.Tokens.Length, slice.Start, sights.Of(slice));
        }

        Slices = slices;
        Tokens = tensor(tokens, device: device);
        Positions = tensor(positions, device: device);
        Slots = tensor(slots, device: device);
        LogitRows = wanted.Count == count ? null : tensor(wanted.ToArray(), device: device);
        LogitCount = wanted.Count;
        Views = views;
    }

    public IReadOnlyList<Slice> Slices { get; }

    /// <summary>[tokens].</summary>
    public Tensor Tokens { get; }

    /// <summary>[tokens] rows of the position table.</summary>
    public Tensor Positions { get; }

    /// <summary>[tokens] where keys and values are written.</summary>
    public Tensor Slots { get; }

    /// <summary>[rows] that want logits; null for all.</summary>
    public Tensor? LogitRows { get; }

    public int LogitCount { get; }

    public IReadOnlyList<SequenceView> Views { get; }
}
