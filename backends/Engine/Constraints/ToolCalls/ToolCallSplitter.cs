using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>
/// Parts an answer into content and tool calls, however the text was cut. The grammar that bound the answer keeps calls to their form, so
/// none of the markup has to be guessed at. One owner.
/// </summary>
public sealed class ToolCallSplitter
{
    private readonly ToolCallForm form;
    private readonly ToolCallPlan plan;
    private readonly CallOpening opening;
    private readonly StringBuilder held = new();
    private readonly StringBuilder json = new();
    private ArgumentReader? arguments;
    private State state;
    private string expected = "";
    private int index = -1;

    internal ToolCallSplitter(ToolCallPlan plan) => (this.plan, form, opening) = (plan, plan.Form, plan.Opening());

    private enum State
    {
        Content,
        Markup, // a fixed text, up to a name
        Name,
        Arguments,
        Between, // a call is over: another follows, or what closes them all
    }

    /// <summary>Calls whose arguments are whole.</summary>
    public int Complete { get; private set; }

    /// <summary>Whether a call has begun: nothing after it is content.</summary>
    public bool Opened => opening.Found;

    /// <summary>Takes more text; returns what is certain.</summary>
    public (string Content, IReadOnlyList<ToolCallPart> Calls) Append(string text, bool last)
    {
        var content = "";
        if (!opening.Found)
        {
            content = opening.Append(text, last);
            if (!opening.Found) return (content, []);
            (state, expected) = (State.Markup, form.Begin + form.BeforeName);
            text = opening.Rest;
        }

        held.Append(text);
        var calls = new List<ToolCallPart>();
        while (Step(calls))
        {
        }

        return (content, calls);
    }

    // One turn of the state; false when more text is needed.
    private bool Step(List<ToolCallPart> calls)
    {
        var text = held.ToString();
        switch (state)
        {
            case State.Markup:
                if (text.Length < expected.Length) return false;
                return Take(expected.Length, State.Name);
            case State.Name:
                return Name(text, calls);
            case State.Arguments:
                json.Clear();
                var read = arguments!.Read(text, json);
                if (json.Length > 0) calls.Add(new ToolCallPart(index, null, json.ToString()));
                if (!arguments.Done)
                {
                    held.Remove(0, read);
                    return false;
                }

                Complete++;
                return Take(read, State.Between);
            default:
                var separator = form.AfterArguments + form.Separator;
                if (form.Separator is null || text.Length < separator.Length || !text.StartsWith(separator, StringComparison.Ordinal)) return false;
                expected = form.BeforeName;
                return Take(separator.Length, State.Markup);
        }
    }

    private bool Name(string text, List<ToolCallPart> calls)
    {
        var end = 0;
        while (end < text.Length && ToolCallForm.IsName(text[end])) end++;
        var after = end;
        if (form.IdTag is { } tag && text.AsSpan(end).StartsWith(tag)) after += tag.Length + ToolCallForm.IdLength;
        if (text.Length < after + form.BeforeArguments.Length) return false;
        // An id's tag and what comes before arguments may be equally long beginnings of one another.
        if (after == end && form.IdTag?.StartsWith(text[end..], StringComparison.Ordinal) == true) return false;
        var name = text[..end];
        calls.Add(new ToolCallPart(++index, name, ""));
        arguments = ArgumentReader.Of(form.Style, plan.Lists.GetValueOrDefault(name));
        return Take(after + form.BeforeArguments.Length, State.Arguments);
    }

    private bool Take(int count, State next)
    {
        held.Remove(0, count);
        state = next;
        return true;
    }
}
