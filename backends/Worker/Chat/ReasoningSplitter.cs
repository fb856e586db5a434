using System.Text;

namespace Gateway.Worker.Chat;

/// <summary>
/// Parts an answer into reasoning and content, wherever tokens and chunks cut the tags: text that may still become a tag is held back. White
/// space around the tags belongs to neither. Only reasoning at the very beginning counts; later tags are content. One owner.
/// </summary>
internal sealed class ReasoningSplitter
{
    private readonly ReasoningTags tags;
    private readonly StringBuilder held = new();
    private State state;
    private int taken; // characters that left the front of the held text

    public ReasoningSplitter(Thinking thinking)
    {
        tags = thinking.Tags;
        state = thinking.Begun ? State.Entering : State.Before;
    }

    private enum State
    {
        Before, // nothing but white space so far
        Entering, // inside, before the first word
        Inside,
        Leaving, // after the closing tag, before the first word of the content
        Content,
    }

    /// <summary>Where the content starts, in characters of the whole answer; null while that is open.</summary>
    public int? ContentStart { get; private set; }

    /// <summary>Characters that certainly belong to the reasoning and its tags.</summary>
    public int Reasoned => ContentStart ?? (state == State.Before ? 0 : taken);

    /// <summary>Takes more text; returns what is certain.</summary>
    public (string Reasoning, string Content) Append(string text, bool last)
    {
        if (state == State.Content) return ("", text);
        held.Append(text);
        var reasoning = "";
        while (state != State.Content && Step(last, ref reasoning))
        {
        }

        return (reasoning, state == State.Content ? Take(held.Length) : "");
    }

    // One turn of the state; false when more text is needed.
    private bool Step(bool last, ref string reasoning)
    {
        var text = held.ToString();
        var start = text.Length - text.AsSpan().TrimStart().Length;
        switch (state)
        {
            case State.Before when text.AsSpan(start).StartsWith(tags.Open, StringComparison.Ordinal):
                Take(start + tags.Open.Length);
                state = State.Entering;
                return true;
            case State.Before or State.Leaving when tags.Headers.FirstOrDefault(header => text.AsSpan(start).StartsWith(header, StringComparison.Ordinal)) is { } header:
                Take(start + header.Length);
                state = State.Leaving;
                return true;
            case State.Before or State.Leaving when !last && MayBecome(text[start..], state == State.Before ? [tags.Open, .. tags.Headers] : tags.Headers):
                return false;
            case State.Before:
                // No reasoning: the white space was the content's own.
                BeginContent();
                return true;
            case State.Leaving:
                Take(start);
                if (held.Length > 0 || last) BeginContent();
                return held.Length > 0 || last;
            case State.Entering:
                Take(start);
                if (held.Length > 0) state = State.Inside;
                return held.Length > 0;
            default:
                return Reason(text, last, ref reasoning);
        }
    }

    private bool Reason(string text, bool last, ref string reasoning)
    {
        if (text.IndexOf(tags.Close, StringComparison.Ordinal) is var end and >= 0)
        {
            reasoning += Take(end).TrimEnd();
            Take(tags.Close.Length);
            state = State.Leaving;
            return true;
        }

        // The end of what is held may be the beginning of the tag, and white space before the tag is not reasoning.
        var free = text.Length;
        if (!last)
        {
            for (var at = Math.Max(0, text.Length - tags.Close.Length + 1); at < text.Length; at++)
            {
                if (!tags.Close.AsSpan().StartsWith(text.AsSpan(at), StringComparison.Ordinal)) continue;
                free = at;
                break;
            }
        }

        reasoning += Take(text.AsSpan(0, free).TrimEnd().Length);
        return false;
    }

    private static bool MayBecome(string text, IEnumerable<string> marks) => text.Length == 0 || marks.Any(mark => mark.StartsWith(text, StringComparison.Ordinal));

    private void BeginContent()
    {
        state = State.Content;
        ContentStart = taken;
    }

    private string Take(int count)
    {
        var text = held.ToString(0, count);
        held.Remove(0, count);
        taken += count;
        return text;
    }
}
