using System.Buffers.Binary;

namespace Gateway.Calls;

/// <summary>Names for things that only have to differ, and that nobody has to be kept from guessing: without a word to the system for each.</summary>
internal static class Identifiers
{
    [ThreadStatic]
    private static Random? chance;

    /// <summary>A version 7 identifier: sorts by time, to a quarter of a microsecond (RFC 9562, 6.2, method 3).</summary>
    public static Guid New(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        (chance ??= new Random()).NextBytes(bytes[8..]);
        var (milliseconds, rest) = Math.DivRem((at - DateTimeOffset.UnixEpoch).Ticks, TimeSpan.TicksPerMillisecond);
        BinaryPrimitives.WriteInt32BigEndian(bytes, (int)(milliseconds >> 16));
        BinaryPrimitives.WriteInt16BigEndian(bytes[4..], (short)milliseconds);
        BinaryPrimitives.WriteInt16BigEndian(bytes[6..], (short)(0x7000 | (rest * 4096 / TimeSpan.TicksPerMillisecond)));
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
