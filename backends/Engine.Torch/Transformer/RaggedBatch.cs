using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>One sequence's part of a batch.</summary>
/// <param name="FirstRow">Its first row among all tokens of the batch.</param>
/// <param name="Tokens">Its rows.</param>
/// <param name="Length">Positions in the cache once this step is written.</param>
/// <param name="FirstSlot">Where its positions begin when they lie one after the other.</param>
/// <param name="Slots">[length] slots of its positions where they do not, else null.</param>
/// <param name="Mask">Added to the scores, broadcast to [1, kvHeads, group · tokens, length]; null where every position is seen by every row.</param>
internal readonly record struct SequenceView(int FirstRow, int Tokens, int Length, long FirstSlot, Tensor? Slots, Tensor? Mask);

/// <summary>The slices of a step as tensors: all tokens in one row after another, nothing padded.</summary>
internal sealed class RaggedBatch
{
    public RaggedBatch(IReadOnlyList<Slice> slices, DecoderSpec spec, int blockSize, Tensor? slopes, Device device)
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
                positions[row] = position;
                slots[row] = ((long)blocks[position / blockSize] * blockSize) + (position % blockSize);
            }

            for (var i = slice.LogitRows; i > 0; i--) wanted.Add(row - i);
            views[s] = View(slice, first, spec, blockSize, slopes, device);
        }

        Tokens = tensor(tokens, device: device);
        Positions = tensor(positions, device: device);
        Slots = tensor(slots, device: device);
        LogitRows = wanted.Count == count ? null : tensor(wanted.ToArray(), device: device);
        LogitCount = wanted.Count;
        Views = views;
    }

    /// <summary>[tokens].</summary>
    public Tensor Tokens { get; }

    /// <summary>[tokens].</summary>
    public Tensor Positions { get; }

    /// <summary>[tokens] where keys and values are written.</summary>
    public Tensor Slots { get; }

    /// <summary>[rows] that want logits; null for all.</summary>
    public Tensor? LogitRows { get; }

    public int LogitCount { get; }

    public IReadOnlyList<SequenceView> Views { get; }

    private static SequenceView View(Slice slice, int firstRow, DecoderSpec spec, int blockSize, Tensor? slopes, Device device)
    {
        var length = slice.Start + slice.Tokens.Length;
        var blocks = slice.Blocks.Span[..((length + blockSize - 1) / blockSize)];
        var inRow = true;
        for (var b = 1; b < blocks.Length && inRow; b++) inRow = blocks[b] == blocks[b - 1] + 1;
        Tensor? slots = null;
        if (!inRow)
        {
            var all = new long[length];
            for (var position = 0; position < length; position++) all[position] = ((long)blocks[position / blockSize] * blockSize) + (position % blockSize);
            slots = tensor(all, device: device);
        }

        return new SequenceView(firstRow, slice.Tokens.Length, length, (long)blocks[0] * blockSize, slots, Mask(slice, length, spec, slopes, device));
    }

    /// <summary>A row sees its own position and those before; ALiBi adds each head's slope times the key's position.</summary>
    private static Tensor? Mask(Slice slice, int length, DecoderSpec spec, Tensor? slopes, Device device)
    {
        var count = slice.Tokens.Length;
        if (count == 1 && slopes is null) return null;
        var keys = arange(length, device: device);
        Tensor? causal = null;
        if (count > 1)
        {
            var rows = arange(slice.Start, length, device: device).unsqueeze(1);
            causal = zeros([count, length], device: device).masked_fill_(keys.unsqueeze(0) > rows, float.NegativeInfinity); // [tokens, length]
            var group = spec.Heads / spec.KvHeads;
            if (group > 1) causal = causal.repeat(group, 1); // [group · tokens, length]
        }

        if (slopes is null) return causal;
        var bias = slopes * keys.to(ScalarType.Float32); // [1, heads, 1, length]
        return causal is null ? bias : bias + causal; // [1, heads, tokens, length]
    }
}
