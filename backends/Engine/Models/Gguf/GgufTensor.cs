using System.Collections.Immutable;

namespace Gateway.Engine.Models.Gguf;

/// <summary>A tensor in blocks of a GGUF number type.</summary>
internal sealed class GgufTensor(string name, ImmutableArray<long> shape, GgufType format, MappedFile file, long offset)
    : StoredTensor(name, format.Name, shape)
{
    private const int BlocksAtOnce = 1 << 16;

    public override void Read(long start, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + destination.Length, Count);
        var size = format.BlockSize;
        if (start % size != 0 || destination.Length % size != 0)
        {
            // Not on block borders: only ever asked for by tests and tools.
            var first = start / size * size;
            var whole = new float[(start + destination.Length - first + size - 1) / size * size];
            Read(first, whole);
            whole.AsSpan((int)(start - first), destination.Length).CopyTo(destination);
            return;
        }

        for (var done = 0; done < destination.Length; done += BlocksAtOnce * size)
        {
            var part = destination.Slice(done, Math.Min(BlocksAtOnce * size, destination.Length - done));
            var blocks = part.Length / size;
            format.Dequantize(file.Slice(offset + ((start + done) / size * format.BlockBytes), blocks * format.BlockBytes), part);
        }
    }
}
