using System.Globalization;
using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>Arguments between tags, up to whatever is not such a tag.</summary>
internal sealed class TaggedReader(ArgumentList list) : ArgumentReader
{
    /// <summary>After a value.</summary>
    public const string End = "\n</parameter>\n";

    private const string Begin = "<parameter=";
    private const string Named = ">\n";
    private Argument? open;
    private bool any;

    public override int Read(ReadOnlySpan<char> text, StringBuilder json)
    {
        var at = 0;
        while (!Done)
        {
            var read = open is null ? Tag(text[at..], json) : Value(text[at..], json);
            if (read == 0) break;
            at += read;
        }

        return at;
    }

    private int Tag(ReadOnlySpan<char> text, StringBuilder json)
    {
        if (text.Length < Begin.Length && Begin.AsSpan().StartsWith(text)) return 0;
        if (!text.StartsWith(Begin))
        {
            json.Append(any ? "}" : "{}");
            Done = true;
            return 0;
        }

        var end = text.IndexOf(Named);
        if (end < 0) return 0;
        var name = text[Begin.Length..end].ToString();
        open = list.Arguments.FirstOrDefault(argument => argument.Name == name) ?? new Argument(name, false, Grammar.AnyObject, Bare: true);
        json.Append(any ? ", \"" : "{\"").Append(name).Append("\": ");
        if (open.Bare) json.Append('"');
        any = true;
        return end + Named.Length;
    }

    private int Value(ReadOnlySpan<char> text, StringBuilder json)
    {
        var end = text.IndexOf(End);
        var free = end >= 0 ? end : Certain(text);
        foreach (var c in text[..free])
        {
            if (open!.Bare) Escape(c, json);
            else json.Append(c);
        }

        if (end < 0) return free;
        if (open!.Bare) json.Append('"');
        open = null;
        return end + End.Length;
    }

    private static int Certain(ReadOnlySpan<char> text)
    {
        for (var length = Math.Min(End.Length - 1, text.Length); length > 0; length--)
            if (End.AsSpan().StartsWith(text[^length..])) return text.Length - length;
        return text.Length;
    }

    private static void Escape(char c, StringBuilder json)
    {
        if (c is '"' or '\\') json.Append('\\').Append(c);
        else if (c == '\n') json.Append("\\n");
        else if (c < ' ') json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        else json.Append(c);
    }
}
