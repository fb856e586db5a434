using System.Numerics;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Python's <c>int(text, base)</c>; base 0 takes the base from the prefix.</summary>
internal static class Integers
{
    private const int MaxDigits = 1000;

    /// <summary>A long, or a BigInteger where it does not fit; null where the text is no integer of that base.</summary>
    public static object? Parse(string text, long radix)
    {
        text = text.Trim().ToLowerInvariant();
        var negative = text.StartsWith('-');
        if (negative || text.StartsWith('+')) text = text[1..];
        var prefixed = text is ['0', 'x' or 'o' or 'b', ..] ? text[1] switch { 'x' => 16, 'o' => 8, _ => 2 } : 0;
        if (prefixed > 0 && (radix == 0 || radix == prefixed)) (text, radix) = (text[2..].TrimStart('_'), prefixed);
        if (radix == 0) radix = 10;
        if (text.Length is 0 or > MaxDigits || text.StartsWith('_') || text.EndsWith('_')) return null;
        var value = BigInteger.Zero;
        foreach (var c in text)
        {
            if (c == '_') continue;
            var digit = c is >= '0' and <= '9' ? c - '0' : c is >= 'a' and <= 'z' ? c - 'a' + 10 : 99;
            if (digit >= radix) return null;
            value = (value * radix) + digit;
        }

        return Python.Narrow(negative ? -value : value);
    }
}
