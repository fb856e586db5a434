using System.Buffers;
using System.Runtime.InteropServices;
using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>The file beside a graph that holds its weights one after the other, aligned so that they can be mapped.</summary>
internal sealed class WeightFile(string path) : IDisposable
{
    private const int Alignment = 4096; // what ONNX's specification recommends for mapping
    private const int Piece = 1 << 20; // floats on their way at a time
    private readonly FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);

    /// <summary>Its name as the graph calls it.</summary>
    public string Name { get; } = Path.GetFileName(path);

    public (long Offset, long Length) Append(Action<WeightFile> write)
    {
        stream.Position = (stream.Position + Alignment - 1) / Alignment * Alignment;
        var start = stream.Position;
        write(this);
        return (start, stream.Position - start);
    }

    public void Write(ReadOnlySpan<float> values) => stream.Write(MemoryMarshal.AsBytes(values));

    public void Write(ReadOnlySpan<byte> values) => stream.Write(values);

    /// <summary>A stretch of a stored tensor as float32, never all of it in memory.</summary>
    /// <param name="stored">The tensor.</param>
    /// <param name="start">First element.</param>
    /// <param name="count">How many; null for the rest.</param>
    /// <param name="plus">Added to each.</param>
    public void Write(StoredTensor stored, long start = 0, long? count = null, float plus = 0)
    {
        var end = start + (count ?? (stored.Count - start));
        var buffer = ArrayPool<float>.Shared.Rent((int)Math.Min(Piece, end - start));
        while (start < end)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(Piece, end - start));
            stored.Read(start, part);
            if (plus != 0) System.Numerics.Tensors.TensorPrimitives.Add(part, plus, part);
            Write(part);
            start += part.Length;
        }

        ArrayPool<float>.Shared.Return(buffer);
    }

    /// <summary>A stored tensor as float16.</summary>
    public void WriteHalves(StoredTensor stored)
    {
        var (floats, halves) = (new float[(int)Math.Min(Piece, stored.Count)], new Half[(int)Math.Min(Piece, stored.Count)]);
        for (long start = 0; start < stored.Count; start += Piece)
        {
            var count = (int)Math.Min(Piece, stored.Count - start);
            stored.Read(start, floats.AsSpan(0, count));
            System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(floats.AsSpan(0, count), halves);
            stream.Write(MemoryMarshal.AsBytes(halves.AsSpan(0, count)));
        }
    }

    public void Dispose() => stream.Dispose();
}
