using System.Buffers.Binary;
using System.Text;

namespace Gateway.ResponseCache;

/// <summary>An answer as its client saw it.</summary>
/// <param name="KeptAt">Unix milliseconds.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Model">The published name of the model that answered.</param>
/// <param name="Body">A stream with all its events.</param>
internal sealed record KeptAnswer(long KeptAt, string ContentType, string Model, ReadOnlyMemory<byte> Body)
{
    private const int Head = 12;

    /// <summary>As one row of bytes, for a store elsewhere.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Head + Encoding.UTF8.GetByteCount(ContentType) + Encoding.UTF8.GetByteCount(Model) + Body.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, KeptAt);
        var type = Encoding.UTF8.GetBytes(ContentType, bytes.AsSpan(Head));
        var model = Encoding.UTF8.GetBytes(Model, bytes.AsSpan(Head + type));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), (ushort)model);
        Body.Span.CopyTo(bytes.AsSpan(Head + type + model));
        return bytes;
    }

    /// <summary>Null where it is none of ours.</summary>
    public static KeptAnswer? FromBytes(byte[] bytes)
    {
        if (bytes.Length < Head) return null;
        var (type, model) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)), BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(10)));
        if (bytes.Length < Head + type + model) return null;
        return new KeptAnswer(
            BinaryPrimitives.ReadInt64LittleEndian(bytes), Encoding.UTF8.GetString(bytes, Head, type), Encoding.UTF8.GetString(bytes, Head + type, model), bytes.AsMemory(Head + type + model));
    }
}
