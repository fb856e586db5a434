using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>One sequence's part of a batch, or that of several that attend in one call.</summary>
/// <param name="FirstRow">Its first row among all tokens of the batch.</param>
/// <param name="Sequences">How many sequences; several have one token each.</param>
/// <param name="Tokens">Rows of each.</param>
/// <param name="Sights">What its rows see, for each kind of window.</param>
internal readonly record struct SequenceView(int FirstRow, int Sequences, int Tokens, Sight[] Sights);

/// <summary>The stretch of a sequence's cache that its rows see in layers of one window.</summary>
/// <param name="FirstSlot">Where its positions begin when they lie one after the other.</param>
/// <param name="Length">Positions; of several sequences, those of the longest.</param>
/// <param name="Slots">[sequences · length] slots of its positions where they do not, else null.</param>
/// <param name="Mask">Added to the scores, broadcast to [sequences, kvHeads, group · tokens, length]; null where every position is seen by every row.</param>
internal readonly record struct Sight(long FirstSlot, int Length, Tensor? Slots, Tensor? Mask);

/// <summary>The slices of a step as tensors: all tokens in one row after another, nothing padded.</summary>
internal sealed class RaggedBatch
{
    private const int PaddingForFree = 4096; // positions in all that cost less than a call

    /// <param name="join">Whether neighbours with one token each attend together.</param>
    public RaggedBatch(IReadOnlyList<Slice> slices, Sights sights, int positionOffset, int blockSize, Device device, bool join)
    {
        var count = slices.Sum(slice => slice.Tokens.Length);
        var (tokens, positions, slots) = (new long[count], new long[count], new long[count]);
        var wanted = new List<long>(slices.Count);
        var row = 0;
        foreach (var slice in slices)
        {
            var blocks = slice.Blocks.Span;
            for (var i = 0; i < slice.Tokens.Length; i++, row++)
            {
                var position = slice.Start + i;
                tokens[row] = slice.Tokens.Span[i];
                positions[row] = position + positionOffset;
                slots[row] = ((long)blocks[position / blockSize] * blockSize) + (position % blockSize);
            }

            for (var i = slice.LogitRows; i > 0; i--) wanted.Add(row - i);
        }

        Slices = slices;
        Tokens = tensor(tokens, device: device);
        Positions = tensor(positions, device: device);
        Slots = tensor(slots, device: device);
        LogitRows = wanted.Count == count ? null : tensor(wanted.ToArray(), device: device);
        LogitCount = wanted.Count;
        Views = ViewsOf(slices, sights, join);
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

    private static List<SequenceView> ViewsOf(IReadOnlyList<Slice> slices, Sights sights, bool join)
    {
        var views = new List<SequenceView>(slices.Count);
        var row = 0;
        for (var s = 0; s < slices.Count;)
        {
            var together = join ? Neighbours(slices, s) : 1;
            var tokens = slices[s].Tokens.Length;
            views.Add(new SequenceView(row, together, tokens, together == 1 ? sights.Of(slices[s]) : sights.Of([.. slices.Skip(s).Take(together)])));
            row += together * tokens;
            s += together;
        }

        return views;
    }

    /// <summary>How many from <paramref name="first"/> on have one token and caches so alike that padding to the longest at most doubles what is read.</summary>
    private static int Neighbours(IReadOnlyList<Slice> slices, int first)
    {
        var (count, longest, sum) = (0, 0L, 0L);
        for (var s = first; s < slices.Count && slices[s].Tokens.Length == 1; s++, count++)
        {
            var length = slices[s].Start + 1;
            (longest, sum) = (Math.Max(longest, length), sum + length);
            if (longest * (count + 1) > (2 * sum) + PaddingForFree) break;
        }

        return Math.Max(1, count);
    }
}
