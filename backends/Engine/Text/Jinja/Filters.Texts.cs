namespace Gateway.Engine.Text.Jinja;

/// <summary>Filters that lay out or encode text.</summary>
internal static partial class Filters
{
    private static string UrlEncode(object? value)
    {
        if (value is not (Dict or Sequence)) return Uri.EscapeDataString(Python.Str(value)).Replace("%2F", "/", StringComparison.Ordinal);
        var pairs = value is Dict dict ? dict.Entries.Select(e => new List<object?> { e.Key, e.Value }) : Python.Iterate(value).Select(Python.Iterate);
        return string.Join('&', pairs.Select(pair => string.Join('=', pair.Select(x => Uri.EscapeDataString(Python.Str(x)).Replace("%20", "+", StringComparison.Ordinal)))));
    }

    private static string XmlAttributes(object? value, CallArguments a)
    {
        if (value is not Dict dict) throw Wrong("xmlattr", value);
        var parts = new List<string>();
        foreach (var (key, item) in dict.Entries)
        {
            if (item is null or Undefined) continue;
            var name = Python.Str(key);
            if (name.Any(c => char.IsWhiteSpace(c) || c is '/' or '>' or '=')) throw new ChatTemplateException($"Invalid character in attribute name: {Python.Repr(name)}");
            parts.Add($"{Escape(name)}=\"{Escape(item)}\"");
        }

        var text = string.Join(' ', parts);
        return text.Length > 0 && Python.IsTrue(a.Get(0, "autospace", true)) ? " " + text : text;
    }

    private static string WordWrap(object? value, CallArguments a)
    {
        var width = Python.ToLong(a.Get(0, "width", 79L)) is > 0 and var given ? (int)Math.Min(given, int.MaxValue) : throw new ChatTemplateException("the width must be more than 0");
        var (breakLong, separator) = (Python.IsTrue(a.Get(1, "break_long_words", true)), a.Get(2, "wrapstring") as string ?? "\n");
        var lines = Python.Str(value).Split('\n').SelectMany(line => WrapLine(line, width, breakLong)).ToList();
        return Joined(separator, lines);
    }

    private static IEnumerable<string> WrapLine(string line, int width, bool breakLong)
    {
        var current = new System.Text.StringBuilder();
        foreach (var piece in line.Split(' '))
        {
            var word = piece;
            if (current.Length > 0 && current.Length + 1 + word.Length <= width)
            {
                current.Append(' ').Append(word);
                continue;
            }

            if (current.Length > 0) yield return current.ToString();
            var at = 0;
            for (; breakLong && word.Length - at > width; at += width) yield return word.Substring(at, width);
            current.Clear().Append(word, at, word.Length - at);
        }

        yield return current.ToString();
    }
}
