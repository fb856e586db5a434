using System.Text;

namespace Gateway.Engine.Text;

/// <summary>
/// GPT-2's alphabet: each byte as one printable character, so that a vocabulary of bytes can be written as text. Bytes that print stand for
/// themselves, the others for U+0100 and on, in order.
/// </summary>
internal static class ByteLevel
{
    private static readonly char[] Characters = Alphabet();
    private static readonly short[] Bytes = Reverse();

    public static string Encode(string text)
    {
        // Printable ASCII stands for itself; most pieces are only that, but for the space before them.
        var count = Encoding.UTF8.GetByteCount(text);
        return string.Create(count, text, static (into, from) =>
        {
            Span<byte> small = stackalloc byte[256];
            var bytes = into.Length <= small.Length ? small[..into.Length] : new byte[into.Length];
            Encoding.UTF8.GetBytes(from, bytes);
            for (var i = 0; i < bytes.Length; i++) into[i] = Characters[bytes[i]];
        });
    }

    /// <summary>Bytes, valid text or not, as the alphabet writes them.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (into, from) =>
    {
        for (var i = 0; i < from.Length; i++) into[i] = Characters[from[i]];
    });

    /// <summary>The bytes of a token; one that holds a character outside the alphabet is taken as UTF-8 as it stands.</summary>
    public static byte[] Decode(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            var value = token[i] < Bytes.Length ? Bytes[token[i]] : (short)-1;
            if (value < 0) return Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    public static char Character(byte value) => Characters[value];

    private static char[] Alphabet()
    {
        var characters = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
            characters[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF ? (char)b : (char)next++;
        return characters;
    }

    private static short[] Reverse()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < 256; b++) bytes[Characters[b]] = (short)b;
        return bytes;
    }
}
