using System.Collections.Immutable;

namespace Gateway.Engine.Models.Safetensors;

/// <summary>A tensor of plain numbers in a mapped file.</summary>
internal sealed class MappedTensor(string name, string type, ImmutableArray<long> shape, MappedFile file, long offset) : StoredTensor(name, type, shape)
{
    private const int Chunk = 1 << 24; // elements converted by one span, far below the span's limit of 2 GB

    public override void Read(long start, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + destination.Length, Count);
        var size = ElementTypes.SizeOf(Type)!.Value;
        for (var done = 0; done < destination.Length; done += Chunk)
        {
            var part = destination.Slice(done, Math.Min(Chunk, destination.Length - done));
            ElementTypes.ToSingle(Type, file.Slice(offset + ((start + done) * size), part.Length * size), part);
        }
    }
}
