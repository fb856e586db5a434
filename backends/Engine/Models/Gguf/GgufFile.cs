using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Gateway.Engine.Models.Gguf;

/// <summary>
/// A GGUF file, version 2 or 3: metadata, then tensors. Every count and length is checked against what is left of the file before
/// anything is allocated for it.
/// </summary>
internal sealed class GgufFile : IDisposable
{
    private readonly MappedFile file;
    private readonly Dictionary<string, object> metadata = [];
    private readonly Dictionary<string, StoredTensor> tensors = [];
    private long at;

    public GgufFile(string path)
    {
        file = new MappedFile(path);
        try
        {
            Read();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public string Path => file.Path;

    /// <summary>Values by key: numbers as long, ulong or double, bool, string, or an array of one of these.</summary>
    public IReadOnlyDictionary<string, object> Metadata => metadata;

    /// <summary>Tensors under the file's own names, dimensions slowest first.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    public void Dispose() => file.Dispose();

    public ModelFolderException Bad(string problem) => new(file.Path, problem);

    private void Read()
    {
        if (!Take(4).SequenceEqual("GGUF"u8)) throw Bad("does not begin with GGUF");
        var version = U32();
        if (version is not (2 or 3)) throw Bad($"is GGUF version {version}; versions 2 and 3 are supported");
        var tensorCount = Count(least: 24, "tensors");
        var pairCount = Count(least: 13, "metadata");
        for (long i = 0; i < pairCount; i++)
        {
            var key = Text();
            if (!metadata.TryAdd(key, Value(U32(), depth: 0))) throw Bad($"the key '{key}' is there twice");
        }

        var described = new List<(string Name, ImmutableArray<long> Shape, uint Type, ulong Offset)>();
        for (long i = 0; i < tensorCount; i++) described.Add(Description());
        var alignment = metadata.TryGetValue("general.alignment", out var given) ? given as long? ?? 0 : 32;
        if (alignment is <= 0 or > 1 << 20 || (alignment & (alignment - 1)) != 0) throw Bad($"the alignment {alignment} is not a power of two");
        var data = (at + alignment - 1) / alignment * alignment;
        foreach (var (name, shape, type, offset) in described) Add(name, shape, type, offset, data, alignment);
    }

    private (string Name, ImmutableArray<long> Shape, uint Type, ulong Offset) Description()
    {
        var name = Text();
        var dimensions = U32();
        if (dimensions > 4) throw Bad($"tensor '{name}' has {dimensions} dimensions");
        var shape = new long[dimensions];
        long count = 1;
        for (var d = (int)dimensions - 1; d >= 0; d--)
        {
            var size = U64();
            if (size == 0 || size > (ulong)(long.MaxValue / count)) throw Bad($"tensor '{name}' has an impossible dimension of {size}");
            shape[d] = (long)size; // the file lists the fastest first
            count *= (long)size;
        }

        return (name, [.. shape], U32(), U64());
    }

    private void Add(string name, ImmutableArray<long> shape, uint type, ulong offset, long data, long alignment)
    {
        if (GgufTypes.Find(type) is not { } format) throw Bad($"tensor '{name}' has the type {GgufTypes.NameOf(type)}, which is not supported");
        var count = shape.Aggregate(1L, (product, size) => product * size);
        if (shape.Length == 0 || shape[^1] % format.BlockSize != 0) throw Bad($"tensor '{name}' of type {format.Name} has rows of {(shape.Length == 0 ? 0 : shape[^1])}, no multiple of {format.BlockSize}");
        var bytes = (Int128)(count / format.BlockSize) * format.BlockBytes;
        if (offset % (ulong)alignment != 0) throw Bad($"tensor '{name}' is not aligned to {alignment} bytes");
        if ((Int128)data + offset + bytes > file.Length) throw Bad($"tensor '{name}' ends beyond the file: the file is cut, or its header lies");
        if (!tensors.TryAdd(name, new GgufTensor(name, shape, format, file, data + (long)offset))) throw Bad($"tensor '{name}' is there twice");
    }

    private object Value(uint type, int depth) => type switch
    {
        0 => (long)Take(1)[0],
        1 => (long)(sbyte)Take(1)[0],
        2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
        3 => (long)BinaryPrimitives.ReadInt16LittleEndian(Take(2)),
        4 => (long)U32(),
        5 => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        6 => (double)BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
        7 => Take(1)[0] != 0,
        8 => Text(),
        9 when depth == 0 => Array(),
        9 => throw Bad("an array holds arrays"),
        10 => U64() is var value and <= long.MaxValue ? (object)(long)value : throw Bad("a number is beyond 63 bits"),
        11 => BinaryPrimitives.ReadInt64LittleEndian(Take(8)),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
        _ => throw Bad($"a value has the unknown type {type}"),
    };

    private object[] Array()
    {
        var type = U32();
        var count = Count(least: type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 }, "elements of an array");
        var values = new object[count];
        for (long i = 0; i < count; i++) values[i] = Value(type, depth: 1);
        return values;
    }

    /// <summary>A count that the rest of the file can hold, each of at least so many bytes.</summary>
    private long Count(int least, string of)
    {
        var count = U64();
        if (count > (ulong)(file.Length - at) / (ulong)least) throw Bad($"claims {count} {of}, more than the file can hold");
        return (long)count;
    }

    private string Text()
    {
        var length = Count(least: 1, "characters of a text");
        return Encoding.UTF8.GetString(Take(length));
    }

    private uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length > file.Length - at || length > int.MaxValue) throw Bad("ends in the middle of its header");
        var taken = file.Slice(at, (int)length);
        at += length;
        return taken;
    }
}
