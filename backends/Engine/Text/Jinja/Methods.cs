using System.Numerics;
using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Methods of Python's texts, lists and dictionaries. Those that change a value are refused: the sandbox is immutable.</summary>
internal static class Methods
{
    private static readonly System.Buffers.SearchValues<char> LineEnds = System.Buffers.SearchValues.Create("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");
    private const int MaxWidth = 10_000; // of padding

    public static Function? Find(object? target, string name) => target switch
    {
        string text => OfText(text, name),
        Dict dict => OfDict(dict, name),
        Sequence sequence => OfSequence(sequence, name),
        long or BigInteger or bool when name == "bit_length" => Make(name, _ => BigInteger.Abs(Python.ToBig(target)) is { IsZero: false } size ? size.GetBitLength() : 0L),
        _ => null,
    };

    private static Function? OfDict(Dict dict, string name) => name switch
    {
        "items" => Make(name, _ => new Sequence([.. dict.Entries.Select(e => (object?)new Sequence([e.Key, e.Value], SequenceKind.Tuple))])),
        "keys" => Make(name, _ => new Sequence([.. dict.Entries.Select(e => e.Key)])),
        "values" => Make(name, _ => new Sequence([.. dict.Entries.Select(e => e.Value)])),
        "get" => Make(name, a => dict.TryGet(a.AtMost(2).Need(0, "key"), out var value) ? value : a.Get(1, "default")),
        "copy" => Make(name, _ => Filters.Copy(dict)),
        "update" or "pop" or "popitem" or "setdefault" or "clear" => Refused("dict", name),
        _ => null,
    };

    private static Function? OfSequence(Sequence sequence, string name) => name switch
    {
        "index" => Make(name, a => sequence.Items.FindIndex(item => Python.AreEqual(item, a.Need(0, "value"))) is >= 0 and var at ? (long)at : throw new ChatTemplateException("the value is not in the list")),
        "count" => Make(name, a => (long)sequence.Items.Count(item => Python.AreEqual(item, a.Need(0, "value")))),
        "copy" when sequence.Kind == SequenceKind.List => Make(name, _ => new Sequence([.. sequence.Items])),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" when sequence.Kind == SequenceKind.List => Refused("list", name),
        _ => null,
    };

    private static Function? OfText(string text, string name) => name switch
    {
        "upper" => Make(name, _ => Python.Upper(text)),
        "lower" => Make(name, _ => text.ToLowerInvariant()),
        "strip" => Make(name, a => Strip(text, a, true, true)),
        "lstrip" => Make(name, a => Strip(text, a, true, false)),
        "rstrip" => Make(name, a => Strip(text, a, false, true)),
        "startswith" => Make(name, a => Any(a.Need(0, "prefix"), part => text.StartsWith(part, StringComparison.Ordinal))),
        "endswith" => Make(name, a => Any(a.Need(0, "suffix"), part => text.EndsWith(part, StringComparison.Ordinal))),
        "removeprefix" => Make(name, a => TextOf(a, 0, "prefix") is var p && text.StartsWith(p, StringComparison.Ordinal) ? text[p.Length..] : text),
        "removesuffix" => Make(name, a => TextOf(a, 0, "suffix") is { Length: > 0 } s && text.EndsWith(s, StringComparison.Ordinal) ? text[..^s.Length] : text),
        "split" => Make(name, a => Split(text, a, false)),
        "rsplit" => Make(name, a => Split(text, a, true)),
        "splitlines" => Make(name, a => SplitLines(text, Python.IsTrue(a.Get(0, "keepends", false)))),
        "partition" => Make(name, a => Partition(text, TextOf(a, 0, "sep"), last: false)),
        "rpartition" => Make(name, a => Partition(text, TextOf(a, 0, "sep"), last: true)),
        "join" => Make(name, a => Filters.Joined(text, Python.Iterate(a.Need(0, "iterable")).ConvertAll(item => item as string ?? throw new ChatTemplateException($"sequence item: expected str instance, {Python.TypeName(item)} found")))),
        "replace" => Make(name, a => Filters.Replace(text, TextOf(a, 0, "old"), TextOf(a, 1, "new"), a.Has(2, "count") ? Python.ToLong(a.Get(2, "count")) : -1)),
        "find" => Make(name, a => CodePoints(text, text.IndexOf(TextOf(a, 0, "sub"), StringComparison.Ordinal))),
        "rfind" => Make(name, a => CodePoints(text, text.LastIndexOf(TextOf(a, 0, "sub"), StringComparison.Ordinal))),
        "index" => Make(name, a => text.IndexOf(TextOf(a, 0, "sub"), StringComparison.Ordinal) is >= 0 and var at ? CodePoints(text, at) : throw new ChatTemplateException("substring not found")),
        "count" => Make(name, a => Count(text, TextOf(a, 0, "sub"))),
        "title" => Make(name, _ => Title(text)),
        "capitalize" => Make(name, _ => Filters.Capitalize(text)),
        "swapcase" => Make(name, _ => string.Concat(text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
        "isdecimal" => Make(name, _ => Every(text, Rune.IsDigit)),
        "isdigit" => Make(name, _ => Every(text, r => Rune.IsDigit(r) || r.Value is 0xB2 or 0xB3 or 0xB9 or (>= 0x2070 and <= 0x2089))),
        "isnumeric" => Make(name, _ => Every(text, Rune.IsNumber)),
        "isalpha" => Make(name, _ => Every(text, Rune.IsLetter)),
        "isalnum" => Make(name, _ => Every(text, r => Rune.IsLetter(r) || Rune.IsNumber(r))),
        "isascii" => Make(name, _ => text.All(char.IsAscii)),
        "casefold" => Make(name, _ => text.ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal)),
        "expandtabs" => Make(name, a => ExpandTabs(text, (int)Math.Clamp(Python.ToLong(a.Get(0, "tabsize", 8L)), 0, MaxWidth))),
        "encode" => Make(name, _ => Encoding.UTF8.GetBytes(text)),
        "isspace" => Make(name, _ => text.Length > 0 && text.All(char.IsWhiteSpace)),
        "isupper" => Make(name, _ => text.Any(char.IsUpper) && !text.Any(char.IsLower)),
        "islower" => Make(name, _ => text.Any(char.IsLower) && !text.Any(char.IsUpper)),
        "zfill" => Make(name, a => text is ['+' or '-', .. var digits] ? text[0] + digits.PadLeft(Width(a) - 1, '0') : text.PadLeft(Width(a), '0')),
        "ljust" => Make(name, a => text.PadRight(Width(a), Fill(a))),
        "rjust" => Make(name, a => text.PadLeft(Width(a), Fill(a))),
        "center" => Make(name, a => Filters.Center(text, Width(a), Fill(a))),
        "format" => Make(name, a => BraceFormat.Apply(text, a)),
        "format_map" => Refused("str", name),
        _ => null,
    };

    private static Function Make(string name, Func<CallArguments, object?> invoke) => new(name, invoke);

    private static Function Refused(string type, string name) => new(name, _ => throw new ChatTemplateException($"access to '{name}' of a {type} is unsafe: the sandbox is immutable"));

    private static string TextOf(CallArguments a, int at, string name) => a.Need(at, name) as string ?? throw new ChatTemplateException($"'{name}' must be a str, not {Python.TypeName(a.Get(at, name))}");

    private static int Width(CallArguments a) => Python.ToLong(a.Need(0, "width")) is <= MaxWidth and var width ? (int)Math.Max(0, width) : throw new ChatTemplateException("a width is too large");

    private static char Fill(CallArguments a) => a.Get(1, "fillchar", " ") is string { Length: 1 } fill ? fill[0] : throw new ChatTemplateException("the fill character must be exactly one character long");

    private static string Strip(string text, CallArguments a, bool left, bool right)
    {
        if (a.Get(0, "chars") is not string characters)
        {
            if (left) text = text.TrimStart();
            return right ? text.TrimEnd() : text;
        }

        if (left) text = text.TrimStart(characters.ToCharArray());
        return right ? text.TrimEnd(characters.ToCharArray()) : text;
    }

    private static bool Any(object? parts, Func<string, bool> is_) => parts switch
    {
        string one => is_(one),
        Sequence { Kind: SequenceKind.Tuple } several => several.Items.OfType<string>().Any(is_),
        _ => throw new ChatTemplateException("startswith first arg must be str or a tuple of str"),
    };

    private static Sequence Split(string text, CallArguments a, bool fromRight)
    {
        var separator = a.Get(0, "sep");
        var most = a.Has(1, "maxsplit") ? Python.ToLong(a.Get(1, "maxsplit")) : -1;
        var count = most < 0 ? int.MaxValue : (int)Math.Min(most + 1, int.MaxValue);
        if (separator is string { Length: 0 }) throw new ChatTemplateException("empty separator");
        if (separator is null)
        {
            var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length <= count) return Texts(words);
            return fromRight ? Texts(SplitWordsRight(text, count)) : Texts(text.TrimStart().Split((char[]?)null, count, StringSplitOptions.RemoveEmptyEntries));
        }

        var sep = (string)separator;
        if (!fromRight || count == int.MaxValue) return Texts(text.Split(sep, count));
        var parts = new List<string>();
        while (parts.Count < count - 1 && text.LastIndexOf(sep, StringComparison.Ordinal) is >= 0 and var at)
        {
            parts.Add(text[(at + sep.Length)..]);
            text = text[..at];
        }

        parts.Add(text);
        parts.Reverse();
        return Texts(parts);
    }

    private static List<string> SplitWordsRight(string text, int count)
    {
        var parts = new List<string>();
        while (parts.Count < count - 1)
        {
            text = text.TrimEnd();
            var at = text.Length;
            while (at > 0 && !char.IsWhiteSpace(text[at - 1])) at--;
            parts.Add(text[at..]);
            text = text[..at];
        }

        parts.Add(text.TrimEnd());
        parts.Reverse();
        return parts;
    }

    private static Sequence SplitLines(string text, bool keepEnds)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny(LineEnds);
            if (end < 0)
            {
                lines.Add(text[start..]);
                break;
            }

            end += start;
            var next = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(keepEnds ? text[start..next] : text[start..end]);
            start = next;
        }

        return Texts(lines);
    }

    private static Sequence Partition(string text, string separator, bool last)
    {
        if (separator.Length == 0) throw new ChatTemplateException("empty separator");
        var at = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        List<object?> parts = at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]] : last ? ["", "", text] : [text, "", ""];
        return new Sequence(parts, SequenceKind.Tuple);
    }

    private static Sequence Texts(IEnumerable<string> texts) => new([.. texts.Cast<object?>()]);

    private static long CodePoints(string text, int utf16) => utf16 < 0 ? -1 : text.AsSpan(0, utf16).ToString().EnumerateRunes().Count();

    private static long Count(string text, string part) => part.Length == 0 ? text.EnumerateRunes().Count() + 1 : text.AsSpan().Count(part);

    /// <summary>Every letter after a non-letter is upper case.</summary>
    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var c in text)
        {
            result.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetter(c);
        }

        return result.ToString();
    }

    private static bool Every(string text, Func<Rune, bool> holds) => text.Length > 0 && text.EnumerateRunes().All(holds);

    private static string ExpandTabs(string text, int size)
    {
        Bounds.Text(text.Length + ((long)text.AsSpan().Count('\t') * size));
        var result = new StringBuilder();
        var column = 0;
        foreach (var c in text)
        {
            var width = c != '\t' ? 1 : size > 0 ? size - (column % size) : 0;
            if (c == '\t') result.Append(' ', width);
            else result.Append(c);
            column = c is '\n' or '\r' ? 0 : column + width;
        }

        return result.ToString();
    }
}
