using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Gateway.Engine.Models.Safetensors;

/// <summary>A tensor of plain numbers in a mapped file.</summary>
internal sealed class MappedTensor(string name, string type, ImmutableArray<long> shape, MappedFile file, long offset) : StoredTensor(name, type, shape)
{
    private const int Chunk = 1 << 18; // elements converted at a time, small enough that the bytes stay in the cache

    public override void Read(long start, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + destination.Length, Count);
        var size = ElementTypes.SizeOf(Type)!.Value;
        if (Type == "F32")
        {
            file.Read(offset + (start * size), MemoryMarshal.AsBytes(destination));
            return;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(Math.Min(Chunk, destination.Length) * size);
        for (var done = 0; done < destination.Length; done += Chunk)
        {
            var part = destination.Slice(done, Math.Min(Chunk, destination.Length - done));
            var stored = bytes.AsSpan(0, part.Length * size);
            file.Read(offset + ((start + done) * size), stored);
            ElementTypes.ToSingle(Type, stored, part);
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }
}
