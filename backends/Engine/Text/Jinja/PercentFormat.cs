using System.Globalization;
using System.Numerics;
using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Python's <c>'…' % values</c>.</summary>
internal static class PercentFormat
{
    private const int MaxWidth = 10_000;

    public static string Apply(string format, object? values)
    {
        var list = values is Sequence { Kind: SequenceKind.Tuple } t ? t.Items : [values];
        var next = 0;
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            string? key = null;
            if (++i < format.Length && format[i] == '(')
            {
                var end = format.IndexOf(')', i);
                if (end < 0) throw new ChatTemplateException("incomplete format key");
                key = format[(i + 1)..end];
                i = end + 1;
            }

            var flags = i;
            while (i < format.Length && format[i] is '-' or '+' or ' ' or '0' or '#') i++;
            var flag = format[flags..Math.Min(i, format.Length)];
            var width = Number(ref i) ?? 0;
            int? precision = null;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = Number(ref i) ?? 0;
            }

            if (i >= format.Length) throw new ChatTemplateException("incomplete format");
            if (format[i] == '%')
            {
                text.Append('%');
                continue;
            }

            object? value = key is not null
                ? values is Dict d && d.TryGet(key, out var found) ? found : throw new ChatTemplateException($"format key '{key}' is missing")
                : next < list.Count ? list[next++] : throw new ChatTemplateException("not enough arguments for format string");
            var body = Convert(value, format[i], precision);
            var numeric = format[i] is not ('s' or 'r' or 'c');
            if (numeric && !body.StartsWith('-')) body = flag.Contains('+', StringComparison.Ordinal) ? "+" + body : flag.Contains(' ', StringComparison.Ordinal) ? " " + body : body;
            if (flag.Contains('-', StringComparison.Ordinal)) body = body.PadRight(width);
            else if (numeric && flag.Contains('0', StringComparison.Ordinal))
            {
                var sign = body[0] is '-' or '+' or ' ' ? 1 : 0;
                body = body[..sign] + body[sign..].PadLeft(Math.Max(0, width - sign), '0');
            }
            else body = body.PadLeft(width);
            Bounds.Text((long)text.Length + body.Length);
            text.Append(body);
        }

        if (next < list.Count && values is not Dict) throw new ChatTemplateException("not all arguments converted during string formatting");
        return text.ToString();

        int? Number(ref int at)
        {
            var from = at;
            while (at < format.Length && char.IsAsciiDigit(format[at])) at++;
            if (at == from) return null;
            return int.TryParse(format.AsSpan(from, at - from), CultureInfo.InvariantCulture, out var n) && n <= MaxWidth ? n
                : throw new ChatTemplateException($"a format's width is more than {MaxWidth}");
        }
    }

    private static string Convert(object? value, char code, int? precision)
    {
        switch (code)
        {
            case 's' or 'r':
                var text = code == 's' ? Python.Str(value) : Python.Repr(value);
                return precision < text.Length ? text[..precision.Value] : text;
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                if (value is Undefined u) throw u.Used();
                var whole = Python.Numeric(value) is double real
                    ? double.IsFinite(real) && code is 'd' or 'i' or 'u' ? new BigInteger((double)value!) : throw new ChatTemplateException($"%{code} format: an integer is required, not float")
                    : Python.ToBig(value!);
                var digits = BigInteger.Abs(whole);
                var body = code switch { 'x' => Radix(digits, 16), 'X' => Radix(digits, 16).ToUpperInvariant(), 'o' => Radix(digits, 8), _ => digits.ToString(CultureInfo.InvariantCulture) };
                return (whole.Sign < 0 ? "-" : "") + body;
            case 'f' or 'F': return Python.ToDouble(Python.Numeric(value)).ToString("F" + Math.Min(precision ?? 6, 300), CultureInfo.InvariantCulture);
            case 'e' or 'E' or 'g' or 'G':
                var number = Python.ToDouble(Python.Numeric(value));
                return code is 'e' or 'E'
                    ? number.ToString((code == 'e' ? "0." : "0.") + new string('0', Math.Min(precision ?? 6, 300)) + (code == 'e' ? "e+00" : "E+00"), CultureInfo.InvariantCulture)
                    : Python.Float(number) is var g && g.EndsWith(".0", StringComparison.Ordinal) ? g[..^2] : g;
            default: throw new ChatTemplateException($"unsupported format character '{code}'");
        }
    }

    private static string Radix(BigInteger value, int radix)
    {
        if (value.IsZero) return "0";
        var text = new StringBuilder();
        for (; !value.IsZero; value /= radix) text.Insert(0, "0123456789abcdef"[(int)(value % radix)]);
        return text.ToString();
    }
}
