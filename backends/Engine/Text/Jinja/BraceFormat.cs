using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Python's <c>'…'.format(…)</c> with the sandbox's look-ups: fill, align, sign, width, precision, and the types d, f, s, x.</summary>
internal static class BraceFormat
{
    private const int MaxWidth = 10_000;

    public static string Apply(string format, CallArguments arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        bool? automatic = null;
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c) i++;
            else if (c == '}') throw new ChatTemplateException("Single '}' encountered in format string");
            else if (c == '{')
            {
                var end = format.IndexOf('}', i);
                if (end < 0) throw new ChatTemplateException("expected '}' before end of string");
                Field(format[(i + 1)..end]);
                i = end;
                continue;
            }

            text.Append(c);
        }

        return text.ToString();

        void Field(string field)
        {
            var (path, spec) = field.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? (field[..colon], field[(colon + 1)..]) : (field, "");
            var repr = path.EndsWith("!r", StringComparison.Ordinal);
            if (repr || path.EndsWith("!s", StringComparison.Ordinal)) path = path[..^2];
            var length = path.IndexOfAny(['.', '[']) is var cut and >= 0 ? cut : path.Length;
            var value = First(path[..length]);
            for (var rest = path[length..]; rest.Length > 0;)
            {
                var bracket = rest[0] == '[';
                var stop = bracket ? rest.IndexOf(']', StringComparison.Ordinal) : rest.IndexOfAny(['.', '['], 1);
                if (stop < 0) stop = bracket ? throw new ChatTemplateException("Missing ']' in format string") : rest.Length;
                var key = rest[1..stop];
                value = !bracket ? Members.Attribute(value, key) : Members.Item(value, long.TryParse(key, CultureInfo.InvariantCulture, out var n) ? (object)n : key);
                rest = rest[(bracket ? stop + 1 : stop)..];
            }

            var formatted = repr ? Spec(Python.Repr(value), spec) : Spec(value, spec);
            Bounds.Text((long)text.Length + formatted.Length);
            text.Append(formatted);
        }

        object? First(string name)
        {
            var numbered = name.Length > 0 && name.All(char.IsAsciiDigit);
            if (name.Length == 0 || numbered)
            {
                if (automatic is { } was && was == numbered)
                    throw new ChatTemplateException(was ? "cannot switch from automatic field numbering to manual field specification" : "cannot switch from manual field specification to automatic field numbering");
                automatic = !numbered;
                var at = numbered ? (name.Length < 9 ? int.Parse(name, CultureInfo.InvariantCulture) : int.MaxValue) : next++;
                return at < arguments.Positional.Count ? arguments.Positional[at] : throw new ChatTemplateException($"Replacement index {at} out of range for positional args tuple");
            }

            return arguments.Named.TryGetValue(name, out var value) ? value : throw new ChatTemplateException($"format key '{name}' is missing");
        }
    }

    private static string Spec(object? value, string spec)
    {
        if (spec.Length == 0) return Python.Str(value);
        var at = 0;
        var fill = ' ';
        var align = value is string or null ? '<' : '>';
        if (spec.Length > 1 && spec[1] is '<' or '>' or '^' or '=') (fill, align, at) = (spec[0], spec[1], 2);
        else if (spec[0] is '<' or '>' or '^' or '=') (align, at) = (spec[0], 1);
        var plus = at < spec.Length && spec[at] is '+' or '-' or ' ' ? spec[at++] : '-';
        if (at < spec.Length && spec[at] == '0') (fill, align) = ('0', '=');
        var width = Number() ?? 0;
        var grouped = at < spec.Length && spec[at] is ',' or '_' ? spec[at++] : '\0';
        int? precision = null;
        if (at < spec.Length && spec[at] == '.')
        {
            at++;
            precision = Number() ?? throw new ChatTemplateException("Format specifier missing precision");
        }

        var code = at < spec.Length ? spec[at++] : '\0';
        if (at < spec.Length) throw new ChatTemplateException($"Invalid format specifier '{spec}'");
        var printf = "%" + (precision is { } p ? "." + p.ToString(CultureInfo.InvariantCulture) : "") + code;
        var body = code switch
        {
            '\0' or 's' => value is string s && precision < s.Length ? s[..precision.Value] : Python.Str(value),
            'd' or 'x' or 'X' or 'o' or 'f' or 'F' or 'e' or 'E' or 'g' or 'G' => PercentFormat.Apply(printf, new Sequence([value], SequenceKind.Tuple)),
            '%' => (Python.ToDouble(Python.Numeric(value)) * 100).ToString("F" + Math.Min(precision ?? 6, 300), CultureInfo.InvariantCulture) + "%",
            _ => throw new ChatTemplateException($"Unknown format code '{code}'"),
        };
        if (grouped != '\0') body = Group(body, grouped);
        if (value is not string && plus != '-' && !body.StartsWith('-')) body = plus + body;
        var gap = Math.Max(0, width - body.Length);
        var sign = align == '=' && body.Length > 0 && body[0] is '-' or '+' ? 1 : 0;
        return align switch
        {
            '<' => body + new string(fill, gap),
            '^' => new string(fill, gap / 2) + body + new string(fill, gap - (gap / 2)),
            '=' => body[..sign] + new string(fill, gap) + body[sign..],
            _ => new string(fill, gap) + body,
        };

        int? Number()
        {
            var from = at;
            while (at < spec.Length && char.IsAsciiDigit(spec[at])) at++;
            if (at == from) return null;
            return int.TryParse(spec.AsSpan(from, at - from), CultureInfo.InvariantCulture, out var n) && n <= MaxWidth ? n
                : throw new ChatTemplateException($"a format's width is more than {MaxWidth}");
        }
    }

    private static string Group(string digits, char separator)
    {
        var end = digits.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? dot : digits.Length;
        var text = new StringBuilder(digits);
        for (var i = end - 3; i > (digits.StartsWith('-') ? 1 : 0); i -= 3) text.Insert(i, separator);
        return text.ToString();
    }
}
