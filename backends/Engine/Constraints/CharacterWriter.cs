using System.Text;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints;

/// <summary>Writes ranges of code points as edges over bytes: plain UTF-8, or as a JSON string spells them. Surrogates are no code points here.</summary>
internal static class CharacterWriter
{
    public const int Last = 0x10FFFF;

    /// <summary>The range as UTF-8.</summary>
    public static void Plain(AutomatonBuilder builder, int from, int low, int high, int to)
    {
        if (low < 0xD800 && high > 0xDFFF)
        {
            Plain(builder, from, low, 0xD7FF, to);
            Plain(builder, from, 0xE000, high, to);
            return;
        }

        (low, high) = (low is >= 0xD800 and <= 0xDFFF ? 0xE000 : low, high is >= 0xD800 and <= 0xDFFF ? 0xD7FF : high);
        foreach (var (first, last) in (ReadOnlySpan<(int, int)>)[(0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, Last)])
        {
            int begin = Math.Max(low, first), end = Math.Min(high, last);
            if (begin <= end) SameLength(builder, from, Bytes(begin), Bytes(end), to);
        }
    }

    /// <summary>
    /// The range as characters of a JSON string, each in one spelling: as itself, or where JSON wants an escape, in its shortest. So equal
    /// strings are equal bytes, and every string can be written.
    /// </summary>
    public static void InString(AutomatonBuilder builder, int from, int low, int high, int to)
    {
        for (var control = low; control <= Math.Min(high, 0x1F); control++) builder.Byte(builder.Literal(from, Escape(control).AsSpan(..^1)), Escape(control)[^1], to);
        foreach (var special in "\"\\")
            if (low <= special && special <= high) builder.Byte(builder.Literal(from, "\\"u8), (byte)special, to);
        foreach (var (first, last) in (ReadOnlySpan<(int, int)>)[(0x20, 0x21), (0x23, 0x5B), (0x5D, Last)])
        {
            int begin = Math.Max(low, first), end = Math.Min(high, last);
            if (begin <= end) Plain(builder, from, begin, end, to);
        }
    }

    /// <summary>A whole string in the spelling of <see cref="InString"/>, without quotes.</summary>
    public static byte[] Spelled(string text)
    {
        var bytes = new List<byte>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value < 0x20) bytes.AddRange(Escape(rune.Value));
            else if (rune.Value is '"' or '\\') bytes.AddRange([(byte)'\\', (byte)rune.Value]);
            else bytes.AddRange(Bytes(rune.Value));
        }

        return [.. bytes];
    }

    private static byte[] Escape(int control) => control switch
    {
        '\b' => [.. "\\b"u8],
        '\f' => [.. "\\f"u8],
        '\n' => [.. "\\n"u8],
        '\r' => [.. "\\r"u8],
        '\t' => [.. "\\t"u8],
        _ => Encoding.ASCII.GetBytes($"\\u{control:x4}"),
    };

    // All bytes but the last go their own way where the two ends differ.
    private static void SameLength(AutomatonBuilder builder, int from, ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, int to)
    {
        if (low.Length == 1)
        {
            builder.Bytes(from, low[0], high[0], to);
            return;
        }

        if (low[0] == high[0])
        {
            var same = builder.State();
            builder.Byte(from, low[0], same);
            SameLength(builder, same, low[1..], high[1..], to);
            return;
        }

        Span<byte> least = stackalloc byte[low.Length - 1], most = stackalloc byte[low.Length - 1];
        least.Fill(0x80);
        most.Fill(0xBF);
        int begin = low[0], end = high[0];
        if (!low[1..].SequenceEqual(least))
        {
            var first = builder.State();
            builder.Byte(from, low[0], first);
            SameLength(builder, first, low[1..], most, to);
            begin++;
        }

        if (!high[1..].SequenceEqual(most))
        {
            var last = builder.State();
            builder.Byte(from, high[0], last);
            SameLength(builder, last, least, high[1..], to);
            end--;
        }

        if (begin > end) return;
        var middle = builder.State();
        builder.Bytes(from, (byte)begin, (byte)end, middle);
        SameLength(builder, middle, least, most, to);
    }

    private static byte[] Bytes(int codePoint)
    {
        Span<byte> bytes = stackalloc byte[4];
        return bytes[..new Rune(codePoint).EncodeToUtf8(bytes)].ToArray();
    }
}

/// <summary>Writes edges for the code points from <paramref name="low"/> to <paramref name="high"/>.</summary>
internal delegate void WriteCharacters(AutomatonBuilder builder, int from, int low, int high, int to);
