using System.Text;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>Writes answers with tool calls: thoughts, then text, or what else an answer must be, up to calls that nothing follows.</summary>
internal sealed class ToolCallWriter(AutomatonBuilder builder, ToolCallPlan plan)
{
    private readonly ToolCallForm form = plan.Form;
    private readonly TextWriter text = new(builder);
    private readonly ArgumentWriter arguments = new(builder, plan);
    private readonly Dictionary<string, int> bodies = plan.Tools.ToDictionary(static tool => tool.Name, _ => builder.State());
    private readonly int opened = builder.State(); // after the tag
    private readonly int named = builder.State(); // where a name comes

    public int Rule()
    {
        int start = builder.State(), answer = builder.State();
        if (plan.Options.Thoughts is { } thoughts) Thoughts(start, thoughts, answer);
        else builder.Epsilon(start, answer);
        Answer(answer);
        if (plan.Tools.Count > 0) Calls();
        return builder.Rule(start);
    }

    private void Thoughts(int from, ThoughtForm thoughts, int answer)
    {
        var inside = from;
        if (!thoughts.Begun)
        {
            var before = Spaces(from);
            inside = Literal(before, thoughts.Open);
            Headers(before, thoughts, answer);
            builder.Epsilon(from, answer);
        }

        var after = Spaces(text.UpTo(inside, thoughts.Close));
        Headers(after, thoughts, answer);
        builder.Epsilon(after, answer);
    }

    private void Headers(int from, ThoughtForm thoughts, int answer)
    {
        foreach (var header in thoughts.Headers) builder.Epsilon(Literal(from, header), answer);
    }

    private int Spaces(int from)
    {
        int one = builder.State(), two = builder.State();
        builder.Epsilon(from, one);
        builder.Epsilon(one, two);
        foreach (var space in " \n"u8) builder.Byte(one, space, two);
        var end = builder.State();
        builder.Epsilon(two, end);
        foreach (var space in " \n"u8) builder.Byte(two, space, end);
        return end;
    }

    private void Answer(int from)
    {
        if (!plan.AtStart)
        {
            text.Without(from, form.Tag, [.. plan.Heads, .. plan.Refused], head => plan.Tools.Count == 0 || (head is not null && plan.Refused.Contains(head)) ? -1 : Opened(head));
            return;
        }

        if (form.Tag is { } tag) builder.Epsilon(Literal(from, tag), opened);
        foreach (var head in plan.Heads) builder.Epsilon(Literal(from, head), Opened(head));
        if (plan.Options is { Forced: false, Content: { } content }) builder.Call(from, builder.Import(content.Automaton), builder.State(StateMarks.Final));
    }

    // A head without text before the name holds the name as well.
    private int Opened(string? head) => head is null ? opened : form.BeforeName.Length > 0 ? named : bodies[head[form.Begin.Length..^form.BeforeArguments.Length]];

    private void Calls()
    {
        int done = builder.State(), end = builder.State(StateMarks.Final);
        builder.Epsilon(Literal(opened, form.Begin + form.BeforeName), named);
        foreach (var tool in plan.Tools)
        {
            var name = Literal(named, tool.Name);
            if (form.IdTag is not null) builder.Epsilon(Literal(Id(name), form.BeforeArguments), bodies[tool.Name]);
            builder.Epsilon(Literal(name, form.BeforeArguments), bodies[tool.Name]);
            var written = builder.State();
            builder.Call(bodies[tool.Name], arguments.Rule(tool), written);
            builder.Epsilon(Literal(written, form.AfterArguments), done);
        }

        if (form.Separator is { } separator && plan.Options.Parallel) builder.Epsilon(Literal(done, separator + form.BeforeName), named);
        builder.Epsilon(Literal(done, form.Close), end);
    }

    private int Id(int name)
    {
        var at = Literal(name, form.IdTag!);
        for (var i = 0; i < ToolCallForm.IdLength; i++)
        {
            var next = builder.State();
            foreach (var (low, high) in (ReadOnlySpan<(char, char)>)[('0', '9'), ('A', 'Z'), ('a', 'z')]) builder.Bytes(at, (byte)low, (byte)high, next);
            at = next;
        }

        return at;
    }

    private int Literal(int from, string literal) => builder.Literal(from, Encoding.UTF8.GetBytes(literal));
}
