using System.Globalization;
using System.Numerics;
using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>What stands after a bar.</summary>
internal static partial class Filters
{
    private static readonly Dictionary<string, Func<object?, CallArguments, object?>> All = new()
    {
        ["abs"] = (v, _) => v is double real ? Math.Abs(real) : Python.IsNumber(v) ? Python.Narrow(BigInteger.Abs(Python.ToBig(v!))) : throw Wrong("abs", v),
        ["attr"] = (v, a) => Members.Attribute(v, (string)a.Need(0, "name")!),
        ["batch"] = Batch,
        ["capitalize"] = (v, _) => Capitalize(Python.Str(v)),
        ["center"] = (v, a) => Center(Python.Str(v), (int)Math.Clamp(Python.ToLong(a.Get(0, "width", 80L)), 0, 10_000), ' '),
        ["count"] = (v, _) => Length(v),
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = DictSort,
        ["e"] = (v, _) => Escape(v),
        ["escape"] = (v, _) => Escape(v),
        ["first"] = (v, _) => Python.Iterate(v) is [var first, ..] ? first : new Undefined("first"),
        ["float"] = ToFloat,
        ["forceescape"] = (v, _) => Escape(v),
        ["format"] = (v, a) => PercentFormat.Apply(Python.Str(v), new Sequence([.. a.Positional], SequenceKind.Tuple)),
        ["groupby"] = GroupBy,
        ["indent"] = Indent,
        ["int"] = ToInt,
        ["items"] = (v, _) => v is Undefined ? new Sequence([], SequenceKind.Generator) : v is Dict dict ? new Sequence([.. dict.Entries.Select(e => (object?)new Sequence([e.Key, e.Value], SequenceKind.Tuple))], SequenceKind.Generator) : throw new ChatTemplateException("Can only get item pairs from a mapping."),
        ["join"] = Join,
        ["last"] = (v, _) => Python.Iterate(v) is [.., var last] ? last : new Undefined("last"),
        ["length"] = (v, _) => Length(v),
        ["list"] = (v, _) => new Sequence([.. Python.Iterate(v)]),
        ["lower"] = (v, _) => Python.Str(v).ToLowerInvariant(),
        ["map"] = Map,
        ["max"] = (v, a) => Extreme(v, a, 1),
        ["min"] = (v, a) => Extreme(v, a, -1),
        ["pprint"] = (v, _) => Python.Repr(v),
        ["reject"] = (v, a) => Select(v, a, false, null),
        ["rejectattr"] = (v, a) => SelectAttribute(v, a, false),
        ["replace"] = (v, a) => Replace(Python.Str(v), Python.Str(a.Need(0, "old")), Python.Str(a.Need(1, "new")), a.Get(2, "count") is { } count ? Python.ToLong(count) : -1),
        ["reverse"] = (v, _) => v is string text ? string.Concat(Enumerable.Reverse(Python.Iterate(text))) : new Sequence([.. Enumerable.Reverse(Python.Iterate(v))], SequenceKind.Generator),
        ["round"] = (v, a) => Round(v, a),
        ["safe"] = (v, _) => Python.Str(v),
        ["select"] = (v, a) => Select(v, a, true, null),
        ["selectattr"] = (v, a) => SelectAttribute(v, a, true),
        ["slice"] = SliceInto,
        ["sort"] = Sort,
        ["string"] = (v, _) => Python.Str(v),
        ["striptags"] = (v, _) => string.Join(' ', System.Text.RegularExpressions.Regex.Replace(Python.Str(v), "<[^>]*>", "", System.Text.RegularExpressions.RegexOptions.NonBacktracking).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
        ["sum"] = Sum,
        ["title"] = (v, _) => Title(Python.Str(v)),
        ["tojson"] = JsonText.Dump,
        ["trim"] = (v, a) => a.Get(0, "chars") is string chars ? Python.Str(v).Trim(chars.ToCharArray()) : Python.Str(v).Trim(),
        ["truncate"] = Truncate,
        ["unique"] = Unique,
        ["upper"] = (v, _) => Python.Upper(Python.Str(v)),
        ["urlencode"] = (v, _) => UrlEncode(v),
        ["wordwrap"] = WordWrap,
        ["xmlattr"] = XmlAttributes,
        // A prompt must not depend on chance: the first stands for any.
        ["random"] = (v, _) => Python.Iterate(v) is [var any, ..] ? any : new Undefined("random"),
        ["wordcount"] = (v, _) => (long)System.Text.RegularExpressions.Regex.Count(Python.Str(v), @"\w+"),
    };

    public static IReadOnlyCollection<string> Names => All.Keys;

    public static object? Run(string name, object? value, CallArguments arguments) =>
        All.TryGetValue(name, out var filter) ? filter(value, arguments) : throw new ChatTemplateException($"No filter named '{name}'.");

    public static string Capitalize(string text) => text.Length == 0 ? text : text[0] == 'ß' ? "Ss" + text[1..].ToLowerInvariant() : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    public static string Center(string text, int width, char fill)
    {
        // Python puts the odd character to the left when the width is odd.
        var missing = Math.Max(0, width - text.Length);
        var left = (missing / 2) + (missing & width & 1);
        return new string(fill, left) + text + new string(fill, missing - left);
    }

    public static string Replace(string text, string old, string with, long count)
    {
        var times = old.Length == 0 ? text.Length + 1 : text.AsSpan().Count(old);
        Bounds.Text(text.Length + ((long)times * Math.Max(0, with.Length - old.Length)));
        if (count < 0 && old.Length > 0) return text.Replace(old, with, StringComparison.Ordinal);
        var result = new StringBuilder();
        var at = 0;
        while (count != 0)
        {
            var next = old.Length == 0 ? at : text.IndexOf(old, at, StringComparison.Ordinal);
            if (next < 0) break;
            result.Append(text, at, next - at).Append(with);
            at = next + old.Length;
            count--;
            if (old.Length > 0) continue;
            if (at == text.Length) return result.ToString();
            result.Append(text[at++]);
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    public static Dict Copy(Dict dict)
    {
        var copy = new Dict();
        foreach (var (key, value) in dict.Entries) copy[key] = value;
        return copy;
    }

    private static object? Default(object? value, CallArguments a) =>
        value is Undefined || (Python.IsTrue(a.Get(1, "boolean", false)) && !Python.IsTrue(value)) ? a.Get(0, "default_value", "") : value;

    private static long Length(object? value) => value switch
    {
        string text => (long)text.EnumerateRunes().Count(),
        Sequence { Kind: not SequenceKind.Generator } list => (long)list.Items.Count,
        Dict dict and not Namespace => (long)dict.Count,
        Undefined => 0L,
        _ => throw new ChatTemplateException($"object of type '{Python.TypeName(value)}' has no len()"),
    };

    private static string Escape(object? value) => Markup.Escape(Python.Str(value));

    private static object ToFloat(object? value, CallArguments a)
    {
        if (value is Undefined undefined) throw undefined.Used();
        if (Python.IsNumber(value)) return Python.ToDouble(value!);
        return value is string text && double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : a.Get(0, "default", 0.0)!;
    }

    private static object? ToInt(object? value, CallArguments a)
    {
        if (value is Undefined undefined) throw undefined.Used();
        var absent = a.Get(0, "default", 0L);
        if (value is double real) return double.IsFinite(real) ? Python.Narrow(new BigInteger(Math.Truncate(real))) : absent;
        if (Python.IsNumber(value)) return Python.Narrow(Python.ToBig(value!));
        if (value is not string text) return absent;
        if (Integers.Parse(text, Python.ToLong(a.Get(1, "base", 10L))) is { } whole) return whole;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? Python.Narrow(new BigInteger(Math.Truncate(number))) : absent;
    }

    private static string Join(object? value, CallArguments a)
    {
        var items = Python.Iterate(value);
        if (a.Get(1, "attribute") is { } attribute) items = items.ConvertAll(item => Path(item, attribute));
        return Joined(Python.Str(a.Get(0, "d", "")), items.ConvertAll(Python.Str));
    }

    public static string Joined(string separator, List<string> texts)
    {
        Bounds.Text(texts.Sum(text => (long)text.Length) + ((long)separator.Length * texts.Count));
        return string.Join(separator, texts);
    }

    private static string Indent(object? value, CallArguments a)
    {
        var prefix = a.Get(0, "width", 4L) is string text ? text : new string(' ', (int)Math.Clamp(Python.ToLong(a.Get(0, "width", 4L)), 0, 1000));
        var (first, blank) = (Python.IsTrue(a.Get(1, "first", false)), Python.IsTrue(a.Get(2, "blank", false)));
        var lines = Python.Str(value).Split('\n');
        Bounds.Text(((long)lines.Length * (prefix.Length + 1)) + Python.Str(value).Length);
        return string.Join('\n', lines.Select((line, i) => (i == 0 ? first : blank || line.Length > 0) ? prefix + line : line));
    }

    /// <summary>Jinja's own: a word begins after white space, a hyphen or an opening bracket.</summary>
    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var start = true;
        foreach (var c in text)
        {
            result.Append(start ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            start = char.IsWhiteSpace(c) || c is '-' or '(' or '{' or '[' or '<';
        }

        return result.ToString();
    }

    private static string Truncate(object? value, CallArguments a)
    {
        var text = Python.Str(value);
        var (length, end) = ((int)Math.Clamp(Python.ToLong(a.Get(0, "length", 255L)), 0, 1 << 20), Python.Str(a.Get(2, "end", "...")));
        var leeway = a.Get(3, "leeway") is { } given ? Python.ToLong(given) : 5;
        if (text.Length <= length + leeway) return text;
        var cut = text[..Math.Max(0, length - end.Length)];
        if (Python.IsTrue(a.Get(1, "killwords", false))) return cut + end;
        return (cut.LastIndexOf(' ') is > 0 and var space ? cut[..space] : cut) + end;
    }

    private static ChatTemplateException Wrong(string filter, object? value) => value is Undefined undefined ? undefined.Used() : new ChatTemplateException($"'{filter}' cannot take a {Python.TypeName(value)}");
}
