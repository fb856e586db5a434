using System.Runtime.InteropServices;

namespace Gateway.Engine.Models.Gguf;

/// <summary>
/// Types with blocks of 32 numbers: a float16 scale, for the _1 types a float16 minimum, then the numbers. d·q or d·q + m, in float32,
/// bit for bit as ggml computes it.
/// </summary>
internal static class BlockQuants
{
    private const int Size = 32;

    public static void Q4_0(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[18..], to = to[Size..])
        {
            var d = Half(blocks);
            for (var i = 0; i < 16; i++)
            {
                to[i] = ((blocks[2 + i] & 15) - 8) * d;
                to[i + 16] = ((blocks[2 + i] >> 4) - 8) * d;
            }
        }
    }

    public static void Q4_1(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[20..], to = to[Size..])
        {
            var (d, m) = (Half(blocks), Half(blocks[2..]));
            for (var i = 0; i < 16; i++)
            {
                to[i] = ((blocks[4 + i] & 15) * d) + m;
                to[i + 16] = ((blocks[4 + i] >> 4) * d) + m;
            }
        }
    }

    public static void Q5_0(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[22..], to = to[Size..])
        {
            var d = Half(blocks);
            var high = MemoryMarshal.Read<uint>(blocks[2..]);
            for (var i = 0; i < 16; i++)
            {
                to[i] = (((blocks[6 + i] & 15) | (int)(((high >> i) & 1) << 4)) - 16) * d;
                to[i + 16] = (((blocks[6 + i] >> 4) | (int)(((high >> (i + 16)) & 1) << 4)) - 16) * d;
            }
        }
    }

    public static void Q5_1(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[24..], to = to[Size..])
        {
            var (d, m) = (Half(blocks), Half(blocks[2..]));
            var high = MemoryMarshal.Read<uint>(blocks[4..]);
            for (var i = 0; i < 16; i++)
            {
                to[i] = (((blocks[8 + i] & 15) | (int)(((high >> i) & 1) << 4)) * d) + m;
                to[i + 16] = (((blocks[8 + i] >> 4) | (int)(((high >> (i + 16)) & 1) << 4)) * d) + m;
            }
        }
    }

    public static void Q8_0(ReadOnlySpan<byte> blocks, Span<float> to)
    {
        for (; to.Length > 0; blocks = blocks[34..], to = to[Size..])
        {
            var d = Half(blocks);
            for (var i = 0; i < Size; i++) to[i] = (sbyte)blocks[2 + i] * d;
        }
    }

    public static float Half(ReadOnlySpan<byte> at) => (float)BitConverter.ToHalf(at);
}
