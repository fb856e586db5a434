using System.Text;
using Gateway.Engine.Constraints;

namespace Gateway.Worker.Tools;

/// <summary>What a stretch of text adds to a call.</summary>
/// <param name="Index">Of the call in the answer.</param>
/// <param name="Name">Set on the call's first part.</param>
/// <param name="Arguments">More of its arguments' text.</param>
internal sealed record ToolCallPart(int Index, string? Name, string Arguments);

/// <summary>
/// Parts an answer into content and tool calls, however the text was cut. The grammar that bound the answer keeps calls to their form, so
/// none of the markup has to be guessed at: a tag opens a call, and arguments end where their JSON does. One owner.
/// </summary>
internal sealed class ToolCallSplitter(ToolCallForm form)
{
    private readonly StringBuilder held = new();
    private State state;
    private int index = -1;
    private int depth;
    private bool quoted;
    private bool escaped;

    private enum State
    {
        Text,
        Name,
        Arguments,
        Close,
    }

    /// <summary>Calls whose arguments are whole.</summary>
    public int Complete { get; private set; }

    /// <summary>Takes more text; returns what is certain.</summary>
    public (string Content, List<ToolCallPart> Calls) Append(string text, bool last)
    {
        held.Append(text);
        var content = new StringBuilder();
        var calls = new List<ToolCallPart>();
        while (Step(last, content, calls))
        {
        }

        return (content.ToString(), calls);
    }

    // One turn of the state; false when more text is needed.
    private bool Step(bool last, StringBuilder content, List<ToolCallPart> calls)
    {
        var text = held.ToString();
        switch (state)
        {
            case State.Text:
                // White space between calls is not content.
                if (index >= 0 && text.Length > 0 && string.IsNullOrWhiteSpace(text)) return false;
                var tag = text.IndexOf(form.Tag, StringComparison.Ordinal);
                var free = tag >= 0 ? tag : last ? text.Length : text.Length - Beginning(text);
                if (!(index >= 0 && string.IsNullOrWhiteSpace(text[..free]))) content.Append(tag >= 0 ? text[..free].TrimEnd() : text[..free]);
                if (tag < 0) return Drop(free, false);
                state = State.Name;
                return Drop(tag + form.Tag.Length, true);
            case State.Name:
                var end = text.Length < form.BeforeName.Length ? -1 : text.IndexOf('"', form.BeforeName.Length);
                if (end < 0 || text.Length < end + form.BeforeArguments.Length) return false;
                calls.Add(new ToolCallPart(++index, text[form.BeforeName.Length..end], ""));
                (state, depth, quoted) = (State.Arguments, 0, false);
                return Drop(end + form.BeforeArguments.Length, true);
            case State.Arguments:
                var length = Whole(text);
                if (text.Length > 0) calls.Add(new ToolCallPart(index, null, text[..(length ?? text.Length)]));
                if (length is null) return Drop(text.Length, false);
                Complete++;
                state = State.Close;
                return Drop(length.Value, true);
            default:
                if (text.Length < form.Close.Length) return false;
                state = State.Text;
                return Drop(form.Close.Length, true);
        }
    }

    private bool Drop(int count, bool more)
    {
        held.Remove(0, count);
        return more;
    }

    // How much of the end of the text may become a tag.
    private int Beginning(string text)
    {
        for (var length = Math.Min(form.Tag.Length - 1, text.Length); length > 0; length--)
            if (form.Tag.StartsWith(text[^length..], StringComparison.Ordinal)) return length;
        return 0;
    }

    // Arguments are an object: they end with the brace that closes it.
    private int? Whole(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (quoted)
            {
                if (escaped) escaped = false;
                else if (c == '\\') escaped = true;
                else if (c == '"') quoted = false;
                continue;
            }

            if (c == '"') quoted = true;
            else if (c is '{' or '[') depth++;
            else if (c is '}' or ']' && --depth == 0) return at + 1;
        }

        return null;
    }
}
