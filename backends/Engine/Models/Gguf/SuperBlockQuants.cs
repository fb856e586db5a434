namespace Gateway.Engine.Models.Gguf;

/// <summary>
/// The K types: super-blocks of 256 numbers in sub-blocks with quantized scales of their own. Layouts from the format's description in
/// llama.cpp (ggml-quants); bit for bit as ggml computes them.
/// </summary>
internal static class SuperBlockQuants
{
    private const int Size = 256;

    public static void Q2_K(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[84..], to = to[Size..])
        {
            var (d, min) = (BlockQuants.Half(blocks[80..]), BlockQuants.Half(blocks[82..]));
            for (var sub = 0; sub < 16; sub++)
            {
                // 16 numbers each; two sub-blocks of one shift lie side by side in 32 bytes, four shifts to a half of 128.
                var (half, shift, side) = (sub / 8, sub % 8 / 2 * 2, sub % 2);
                var (dl, ml) = (d * (blocks[sub] & 15), min * (blocks[sub] >> 4));
                for (var i = 0; i < 16; i++) to[(sub * 16) + i] = (dl * ((blocks[16 + (half * 32) + (side * 16) + i] >> shift) & 3)) - ml;
            }
        }
    }

    public static void Q3_K(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        Span<int> scales = stackalloc int[16];
        for (; to.Length > 0; blocks = blocks[110..], to = to[Size..])
        {
            var d = BlockQuants.Half(blocks[108..]);
            var packed = blocks.Slice(96, 12);
            for (var s = 0; s < 16; s++)
            {
                var low = s < 8 ? packed[s] & 15 : packed[s - 8] >> 4;
                scales[s] = (low | (((packed[8 + (s % 4)] >> (s / 4 * 2)) & 3) << 4)) - 32;
            }

            for (var sub = 0; sub < 16; sub++)
            {
                var (half, shift, side) = (sub / 8, sub % 8 / 2 * 2, sub % 2);
                var dl = d * scales[sub];
                for (var i = 0; i < 16; i++)
                {
                    var column = (side * 16) + i;
                    // A clear bit in the mask takes 4 off: bit n of the mask belongs to the n-th group of 32.
                    var high = ((blocks[column] >> (sub / 2)) & 1) != 0 ? 0 : 4;
                    to[(sub * 16) + i] = dl * (((blocks[32 + (half * 32) + column] >> shift) & 3) - high);
                }
            }
        }
    }

    public static void Q4_K(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[144..], to = to[Size..])
        {
            var (d, min) = (BlockQuants.Half(blocks), BlockQuants.Half(blocks[2..]));
            for (var sub = 0; sub < 8; sub++)
            {
                var (scale, offset) = ScaleAndMin(sub, blocks.Slice(4, 12));
                var (dl, ml) = (d * scale, min * offset);
                var quants = blocks.Slice(16 + (sub / 2 * 32), 32);
                for (var i = 0; i < 32; i++) to[(sub * 32) + i] = (dl * (sub % 2 == 0 ? quants[i] & 15 : quants[i] >> 4)) - ml;
            }
        }
    }

    public static void Q5_K(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[176..], to = to[Size..])
        {
            var (d, min) = (BlockQuants.Half(blocks), BlockQuants.Half(blocks[2..]));
            for (var sub = 0; sub < 8; sub++)
            {
                var (scale, offset) = ScaleAndMin(sub, blocks.Slice(4, 12));
                var (dl, ml) = (d * scale, min * offset);
                var quants = blocks.Slice(48 + (sub / 2 * 32), 32);
                for (var i = 0; i < 32; i++)
                {
                    var low = sub % 2 == 0 ? quants[i] & 15 : quants[i] >> 4;
                    var high = (blocks[16 + i] >> sub) & 1;
                    to[(sub * 32) + i] = (dl * (low + (high << 4))) - ml;
                }
            }
        }
    }

    public static void Q6_K(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[210..], to = to[Size..])
        {
            var d = BlockQuants.Half(blocks[208..]);
            for (var i = 0; i < Size; i++)
            {
                var (half, quarter, column) = (i / 128, i % 128 / 32, i % 32);
                var low = blocks[(half * 64) + ((quarter & 1) * 32) + column];
                var four = quarter < 2 ? low & 15 : low >> 4;
                var two = (blocks[128 + (half * 32) + column] >> (quarter * 2)) & 3;
                to[i] = d * (sbyte)blocks[192 + (i / 16)] * ((four | (two << 4)) - 32);
            }
        }
    }

    /// <summary>Eight six-bit scales and eight six-bit minima in twelve bytes.</summary>
    private static (int Scale, int Min) ScaleAndMin(int sub, ReadOnlySpan<byte> packed) => sub < 4
        ? (packed[sub] & 63, packed[sub + 4] & 63)
        : ((packed[sub + 4] & 15) | (packed[sub - 4] >> 6 << 4), (packed[sub + 4] >> 4) | (packed[sub] >> 6 << 4));
}
