using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Python's <c>json.dumps</c>, and JSON documents as template values.</summary>
internal static class JsonText
{
    private const int MaxDepth = 80;
    private const int MaxIndent = 64;

    public static string Dump(object? value, CallArguments a)
    {
        var indent = a.Get(1, "indent") switch
        {
            null => null,
            string text => text,
            var number => new string(' ', (int)Math.Clamp(Python.ToLong(number), 0, MaxIndent)),
        };
        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (a.Get(2, "separators") is Sequence { Items: [string i, string k] }) (item, key) = (i, k);
        var style = new Style(Python.IsTrue(a.Get(0, "ensure_ascii", false)), indent, item, key, Python.IsTrue(a.Get(3, "sort_keys", false)));
        var text_ = new StringBuilder();
        Write(text_, value, style, 0);
        return text_.ToString();
    }

    public static object? FromNode(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => new Sequence([.. array.Select(FromNode)]),
        JsonObject obj => FromObject(obj),
        JsonValue value => FromValue(value),
        _ => throw new InvalidOperationException(),
    };

    private static Dict FromObject(JsonObject obj)
    {
        var dict = new Dict();
        foreach (var (name, value) in obj) dict[name] = FromNode(value);
        return dict;
    }

    private static object? FromValue(JsonValue value)
    {
        if (value.TryGetValue(out string? text)) return text;
        if (value.TryGetValue(out bool flag)) return flag;
        var raw = value.ToJsonString();
        if (raw.AsSpan().ContainsAny('.', 'e', 'E')) return double.Parse(raw, CultureInfo.InvariantCulture);
        return raw.Length > 4000 ? throw new ChatTemplateException("a number is too large") : Python.Narrow(BigInteger.Parse(raw, CultureInfo.InvariantCulture));
    }

    private static void Write(StringBuilder to, object? value, Style style, int depth)
    {
        if (depth > MaxDepth) throw new ChatTemplateException("a value is nested too deep for tojson");
        switch (value)
        {
            case null: to.Append("null"); break;
            case bool flag: to.Append(flag ? "true" : "false"); break;
            case long or BigInteger: to.Append(Python.Repr(value)); break;
            case double real: to.Append(double.IsNaN(real) ? "NaN" : double.IsInfinity(real) ? real > 0 ? "Infinity" : "-Infinity" : Python.Float(real)); break;
            case string text: Quote(to, text, style.Ascii); break;
            case Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } list:
                Block(to, '[', ']', list.Items, style, depth, item => Write(to, item, style, depth + 1));
                break;
            case Dict dict and not Namespace:
                IEnumerable<KeyValuePair<object?, object?>> entries = dict.Entries;
                if (style.Sort) entries = entries.OrderBy(e => e.Key, Comparer<object?>.Create(Python.Compare));
                Block(to, '{', '}', [.. entries], style, depth, entry =>
                {
                    Quote(to, Key(entry.Key), style.Ascii);
                    to.Append(style.Key);
                    Write(to, entry.Value, style, depth + 1);
                });
                break;
            default:
                throw new ChatTemplateException($"Object of type {Python.TypeName(value)} is not JSON serializable");
        }
    }

    private static void Block<T>(StringBuilder to, char open, char close, List<T> items, Style style, int depth, Action<T> write)
    {
        to.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) to.Append(style.Item);
            NewLine(to, style, depth + 1);
            write(items[i]);
        }

        if (items.Count > 0) NewLine(to, style, depth);
        to.Append(close);
    }

    private static void NewLine(StringBuilder to, Style style, int depth)
    {
        if (style.Indent is null) return;
        to.Append('\n');
        for (var i = 0; i < depth; i++) to.Append(style.Indent);
    }

    private static string Key(object? key) => key switch
    {
        string text => text,
        null => "null",
        bool flag => flag ? "true" : "false",
        long or BigInteger or double => Python.Repr(key),
        _ => throw new ChatTemplateException($"keys must be str, int, float, bool or None, not {Python.TypeName(key)}"),
    };

    private static void Quote(StringBuilder to, string text, bool ascii)
    {
        to.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => to.Append("\\\""),
                '\\' => to.Append("\\\\"),
                '\n' => to.Append("\\n"),
                '\r' => to.Append("\\r"),
                '\t' => to.Append("\\t"),
                '\b' => to.Append("\\b"),
                '\f' => to.Append("\\f"),
                < ' ' => to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                > '~' when ascii => to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => to.Append(c),
            };
        }

        to.Append('"');
    }

    private readonly record struct Style(bool Ascii, string? Indent, string Item, string Key, bool Sort);
}
