using System.Text;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Chat;

/// <summary>Keeps stop strings out of tool calls: text ends where the first call begins.</summary>
internal sealed class CallGate(Thinking? thinking, ToolCallPlan plan) : ITextGate
{
    private readonly ReasoningSplitter? reasoning = thinking is null ? null : new ReasoningSplitter(thinking);
    private readonly CallOpening opening = plan.Opening();
    private readonly StringBuilder held = new();
    private int passed;
    private int said; // characters of the content that no call begins in

    public (string Text, string Markup) Append(string text, bool last)
    {
        if (opening.Found) return ("", text);
        held.Append(text);
        var content = reasoning is null ? text : reasoning.Append(text, last).Content;
        said += opening.Append(content, last).Length;
        var certain = reasoning is null ? said : reasoning.ContentStart is { } start ? start + said : last ? passed + held.Length : reasoning.Reasoned;
        var free = held.ToString(0, certain - passed);
        held.Remove(0, free.Length);
        passed = certain;
        if (!opening.Found) return (free, "");
        var markup = held.ToString();
        held.Clear();
        return (free, markup);
    }
}
