using System.Numerics.Tensors;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>Rounds rows to few bits, a scale for every <see cref="Block"/> numbers, in the layout of com.microsoft's MatMulNBits: value = (q − zero) · scale.</summary>
internal static class BlockRounding
{
    /// <summary>Numbers that share a scale.</summary>
    public const int Block = 32;

    private const int Shrinkings = 6; // ranges that are tried for a block of 4 bits: clipping an outlier may serve the other 31

    /// <summary>One row to 8 bits around the zero point 128; a last block that is not full is filled up with zeros.</summary>
    /// <param name="row">The numbers.</param>
    /// <param name="packed">[blocks · 32].</param>
    /// <param name="scales">[blocks].</param>
    public static void ToEight(ReadOnlySpan<float> row, Span<byte> packed, Span<float> scales)
    {
        Span<float> block = stackalloc float[Block];
        for (var b = 0; b < scales.Length; b++)
        {
            Take(row, b, block);
            scales[b] = Math.Abs(TensorPrimitives.MaxMagnitude(block)) / 127;
            var inverse = scales[b] == 0 ? 0 : 1 / scales[b];
            for (var i = 0; i < Block; i++) packed[(b * Block) + i] = (byte)Math.Clamp(MathF.Round(block[i] * inverse) + 128, 0, 255);
        }
    }

    /// <summary>One row to 4 bits, each block around the zero point and with the scale that lose least (sum of squares).</summary>
    /// <param name="row">The numbers.</param>
    /// <param name="packed">[blocks · 16], low half first.</param>
    /// <param name="scales">[blocks].</param>
    /// <param name="zeros">[(blocks + 1) / 2], low half first.</param>
    public static void ToFour(ReadOnlySpan<float> row, Span<byte> packed, Span<float> scales, Span<byte> zeros)
    {
        Span<float> block = stackalloc float[Block];
        zeros.Clear();
        for (var b = 0; b < scales.Length; b++)
        {
            Take(row, b, block);
            // The range holds zero, so that the zero point is one of the sixteen.
            var (least, most) = (Math.Min(TensorPrimitives.Min<float>(block), 0), Math.Max(TensorPrimitives.Max<float>(block), 0));
            var (scale, zero, loss) = (0f, 0, float.PositiveInfinity);
            for (var k = 0; k < Shrinkings; k++)
            {
                var tried = (most - least) * (1 - (k * 0.04f)) / 15;
                if (tried == 0) break;
                var point = (int)Math.Clamp(MathF.Round(-least * (1 - (k * 0.04f)) / tried), 0, 15);
                var lost = Loss(block, tried, point);
                if (lost < loss) (scale, zero, loss) = (tried, point, lost);
            }

            scales[b] = scale;
            zeros[b / 2] |= (byte)(zero << (b % 2 * 4));
            for (var i = 0; i < Block / 2; i++) packed[(b * Block / 2) + i] = (byte)(Quant(block[2 * i], scale, zero) | (Quant(block[(2 * i) + 1], scale, zero) << 4));
        }
    }

    private static void Take(ReadOnlySpan<float> row, int b, Span<float> block)
    {
        var numbers = row[(b * Block)..];
        block.Clear();
        numbers[..Math.Min(Block, numbers.Length)].CopyTo(block);
    }

    private static int Quant(float value, float scale, int zero) => scale == 0 ? zero : (int)Math.Clamp(MathF.Round(value / scale) + zero, 0, 15);

    private static float Loss(ReadOnlySpan<float> block, float scale, int zero)
    {
        Span<float> found = stackalloc float[Block];
        TensorPrimitives.Multiply(block, 1 / scale, found);
        TensorPrimitives.Round(found, found);
        TensorPrimitives.Min(found, 15 - zero, found);
        TensorPrimitives.Max(found, -zero, found);
        TensorPrimitives.Multiply(found, scale, found);
        return TensorPrimitives.Distance<float>(block, found);
    }
}
