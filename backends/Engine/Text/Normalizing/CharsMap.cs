using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Normalizing;

/// <summary>SentencePiece's <c>precompiled_charsmap</c>: a double-array trie (Darts) over UTF-8 and the replacements it points to.</summary>
internal sealed record CharsMap : Normalizer
{
    private const int LongestCluster = 6; // bytes; longer clusters go character by character, as in the reference
    private readonly uint[] units;
    private readonly byte[] texts;

    /// <exception cref="FormatException">It is not base64, or cut short.</exception>
    public CharsMap(string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        var size = bytes.Length < 8 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size < 4 || size % 4 != 0 || size > bytes.Length - 4) throw new FormatException("'precompiled_charsmap' is cut short");
        units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 + (4 * i)));
        texts = bytes[(4 + (int)size)..];
    }

    public override string Apply(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int at = 0, length; at < text.Length; at += length)
        {
            var rest = text.AsSpan(at);
            length = StringInfo.GetNextTextElementLength(rest);
            var cluster = rest[..length];
            if (Encoding.UTF8.GetByteCount(cluster) < LongestCluster && TryMap(cluster, result)) continue;
            foreach (var rune in cluster.EnumerateRunes())
                if (!TryMap(rune.ToString(), result)) result.Append(rune.ToString());
        }

        return result.ToString();
    }

    // The shortest prefix that has a replacement decides, as in the reference.
    private bool TryMap(ReadOnlySpan<char> text, StringBuilder into)
    {
        Span<byte> key = stackalloc byte[8];
        key = key[..Encoding.UTF8.GetBytes(text, key)];
        var node = Offset(units[0]);
        foreach (var b in key)
        {
            node ^= b;
            if (b == 0 || node >= units.Length || (units[node] & 0x800000FFu) != b) return false;
            var unit = units[node];
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 0) continue;
            if (node >= units.Length) return false;
            var start = units[node] & 0x7FFFFFFF;
            if (start >= texts.Length) return false;
            var tail = texts.AsSpan((int)start);
            var end = tail.IndexOf((byte)0);
            into.Append(Encoding.UTF8.GetString(end < 0 ? tail : tail[..end]));
            return true;
        }

        return false;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);
}
