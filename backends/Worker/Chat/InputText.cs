using System.Globalization;
using System.Text;

namespace Gateway.Worker.Chat;

/// <summary>Takes the text out of <c>{"input": "…"}</c> as it comes. One owner.</summary>
internal sealed class InputText
{
    private readonly StringBuilder escape = new();
    private State state;

    private enum State
    {
        Key, // up to the colon
        Before, // up to the text's quote
        Inside,
        Over,
    }

    public string Append(string json)
    {
        var text = new StringBuilder(json.Length);
        foreach (var c in json)
        {
            switch (state)
            {
                case State.Key:
                    if (c == ':') state = State.Before;
                    break;
                case State.Before:
                    if (c == '"') state = State.Inside;
                    break;
                case State.Inside when escape.Length > 0:
                    Escaped(c, text);
                    break;
                case State.Inside when c == '\\':
                    escape.Append(c);
                    break;
                case State.Inside when c == '"':
                    state = State.Over;
                    break;
                case State.Inside:
                    text.Append(c);
                    break;
            }
        }

        return text.ToString();
    }

    private void Escaped(char c, StringBuilder text)
    {
        escape.Append(c);
        if (escape[1] == 'u' && escape.Length < 6) return;
        text.Append(escape[1] switch
        {
            'u' => (char)int.Parse(escape.ToString(2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\b',
            'f' => '\f',
            var other => other,
        });
        escape.Clear();
    }
}
