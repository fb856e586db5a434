using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>Keyword arguments up to the parenthesis that closes the call.</summary>
internal sealed class PythonReader : ArgumentReader
{
    private readonly StringBuilder key = new();
    private Nesting? value; // null while a key is read
    private bool any;
    private bool skipping; // the rest of a word that was translated

    public override int Read(ReadOnlySpan<char> text, StringBuilder json)
    {
        var at = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (value is null)
            {
                if (c == ')')
                {
                    json.Append("{}");
                    Done = true;
                    return at;
                }

                if (c == '=') Begin(json);
                else if (c != ' ') key.Append(c);
            }
            else if (value is { InText: false, Depth: 0 } && c is ',' or ')')
            {
                value = null;
                if (c == ',') continue;
                json.Append('}');
                Done = true;
                return at;
            }
            else
            {
                Value(c, json);
            }
        }

        return at;
    }

    private void Begin(StringBuilder json)
    {
        json.Append(any ? ", \"" : "{\"").Append(key).Append("\": ");
        key.Clear();
        any = true;
        value = new Nesting();
    }

    private void Value(char c, StringBuilder json)
    {
        if (!value!.InText)
        {
            if (skipping && char.IsAsciiLetter(c)) return;
            skipping = c is 'T' or 'F' or 'N';
            if (skipping)
            {
                json.Append(c switch { 'T' => "true", 'F' => "false", _ => "null" });
                return;
            }
        }

        value.Read(c);
        json.Append(c);
    }
}
