using System.Buffers.Binary;

namespace Gateway.Calls;

/// <summary>Names for things that only have to differ, and that nobody has to be kept from guessing: without a word to the system for each.</summary>
internal static class Identifiers
{
    [ThreadStatic]
    private static Random? chance;

    /// <summary>A version 7 identifier: sorts by time.</summary>
    public static Guid New(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        (chance ??= new Random()).NextBytes(bytes[6..]);
        var milliseconds = at.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt32BigEndian(bytes, (int)(milliseconds >> 16));
        BinaryPrimitives.WriteInt16BigEndian(bytes[4..], (short)milliseconds);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>For the header <c>x-request-id</c>.</summary>
    public static string NewRequest() => string.Create(36, 0, static (text, none) =>
    {
        Span<byte> bytes = stackalloc byte[16];
        (chance ??= new Random()).NextBytes(bytes);
        "req_".CopyTo(text);
        _ = Convert.TryToHexStringLower(bytes, text[4..], out var _);
    });
}
