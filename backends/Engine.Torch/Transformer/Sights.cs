using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Torch.Kernels;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Who sees whom: a row sees its own position and those before it, as far back as its layer's window; ALiBi adds a slope.</summary>
internal sealed class Sights : IDisposable
{
    private const int MaskWidth = 8;
    private readonly int?[] windows;
    private readonly int[] windowOf; // [layers]
    private readonly int group;
    private readonly int blockSize;
    private readonly Tensor? slopes; // [1, heads, 1, 1]
    private readonly Device device;

    public Sights(DecoderSpec spec, int blockSize, Device device)
    {
        windows = [.. spec.LayerSpecs.Select(layer => layer.Window).Distinct()];
        windowOf = [.. spec.LayerSpecs.Select(layer => Array.IndexOf(windows, layer.Window))];
        group = spec.Heads / spec.KvHeads;
        if (spec.Position == PositionKind.Alibi) slopes = tensor(AlibiSlopes.Of(spec.Heads), device: device).view(1, spec.Heads, 1, 1).DetachFromDisposeScope();
        (this.blockSize, this.device) = (blockSize, device);
    }

    /// <summary>Which of a view's sights a layer uses.</summary>
    public int IndexOf(int layer) => windowOf[layer];

    public Sight[] Of(Slice slice) => [.. windows.Select(window => Of(slice, window))];

    /// <summary>Those of several sequences with one token each, padded behind a mask with their own last slots.</summary>
    public Sight[] Of(Slice[] together) => [.. windows.Select(window => Of(together, window))];

    public void Dispose() => slopes?.Dispose();

    private Sight Of(Slice slice, int? window)
    {
        var end = slice.Start + slice.Tokens.Length;
        // The first row sees furthest back; what lies before that is not even read.
        var from = window is { } w ? Math.Max(0, slice.Start - w + 1) : 0;
        var blocks = slice.Blocks.Span[..((end + blockSize - 1) / blockSize)];
        var inRow = true;
        for (var b = (from / blockSize) + 1; b < blocks.Length && inRow; b++) inRow = blocks[b] == blocks[b - 1] + 1;
        Tensor? slots = null;
        if (!inRow)
        {
            var all = new long[end - from];
            for (var i = 0; i < all.Length; i++) all[i] = Slot(blocks, from + i);
            slots = tensor(all, device: device);
        }

        return new Sight(Slot(blocks, from), end - from, slots, Mask(slice, from, end, window));
    }

    private Sight Of(Slice[] together, int? window)
    {
        int From(Slice slice) => window is { } w ? Math.Max(0, slice.Start - w + 1) : 0;
        // A multiple of the width that fused kernels want of a mask's rows.
        var length = (together.Max(slice => slice.Start + 1 - From(slice)) + MaskWidth - 1) / MaskWidth * MaskWidth;
        var (slots, hidden, positions) = (new long[together.Length * length], new float[together.Length * length], new float[together.Length * length]);
        for (var s = 0; s < together.Length; s++)
        {
            var blocks = together[s].Blocks.Span;
            var (from, last) = (From(together[s]), together[s].Start);
            for (var i = 0; i < length; i++)
            {
                var position = Math.Min(from + i, last);
                var at = (s * length) + i;
                (slots[at], positions[at]) = (Slot(blocks, position), position);
                if (from + i > last) hidden[at] = float.NegativeInfinity;
            }
        }

        var mask = tensor(hidden, [together.Length, 1, 1, length], device: device);
        if (slopes is not null) mask = (slopes * tensor(positions, [together.Length, 1, 1, length], device: device)).Plus(mask); // [sequences, heads, 1, length]
        return new Sight(0, length, tensor(slots, device: device), mask);
    }

    private long Slot(ReadOnlySpan<int> blocks, int position) => ((long)blocks[position / blockSize] * blockSize) + (position % blockSize);

    private Tensor? Mask(Slice slice, int from, int end, int? window)
    {
        var (count, length) = (slice.Tokens.Length, end - from);
        if (count == 1 && slopes is null) return null;
        Tensor? seen = null;
        if (count > 1)
        {
            var hidden = new float[count * length];
            for (var row = 0; row < count; row++)
            {
                // In keys from the first that is read: what the row sees last and first.
                var (own, first) = (slice.Start + row - from, window is { } w ? Math.Max(0, slice.Start + row - from - w + 1) : 0);
                hidden.AsSpan(row * length, first).Fill(float.NegativeInfinity);
                hidden.AsSpan((row * length) + own + 1, length - own - 1).Fill(float.NegativeInfinity);
            }

            seen = tensor(hidden, [count, length], device: device); // [tokens, length]
            if (group > 1) seen = seen.repeat(group, 1); // [group · tokens, length]
        }

        if (slopes is null) return seen;
        var bias = slopes * tensor(Enumerable.Range(from, length).Select(key => (float)key).ToArray(), device: device); // [1, heads, 1, length]
        return seen is null ? bias : bias.Plus(seen); // [1, heads, tokens, length]
    }
}
