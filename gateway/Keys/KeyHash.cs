using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Keys;

/// <summary>
/// SHA-256 of a key: what is kept and compared in its place. Keys are 256 random bits, so nothing slower is needed; and whoever tries
/// one changes all of its hash, so that no time says how near it was.
/// </summary>
internal readonly struct KeyHash : IEquatable<KeyHash>
{
    /// <summary>Of what <see cref="Write"/> writes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int MostOnStack = 512;
    private readonly ulong a, b, c, d;

    private KeyHash(ReadOnlySpan<byte> hash)
    {
        a = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        b = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        c = BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]);
        d = BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]);
    }

    public static KeyHash Of(ReadOnlySpan<char> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var most = Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> bytes = most <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[most];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
        return new KeyHash(hash);
    }

    /// <summary>What <see cref="Write"/> wrote.</summary>
    public static KeyHash Read(ReadOnlySpan<byte> bytes) => new(bytes);

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, a);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], b);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], c);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], d);
    }

    /// <summary>Without a branch that depends on them.</summary>
    public bool Equals(KeyHash other) => ((a ^ other.a) | (b ^ other.b) | (c ^ other.c) | (d ^ other.d)) == 0;

    public override bool Equals(object? obj) => obj is KeyHash other && Equals(other);

    public override int GetHashCode() => (int)a;

    /// <summary>As it stands in the database.</summary>
    public override string ToString() => Base64Url.EncodeToString(MemoryMarshal.AsBytes<ulong>([a, b, c, d]));
}
