using System.Text;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>Writes the arguments of calls in a form's style.</summary>
internal sealed class ArgumentWriter(AutomatonBuilder builder, ToolCallPlan plan)
{
    public int Rule(CallableTool tool)
    {
        var list = plan.Lists[tool.Name];
        if (plan.Form.Style == ArgumentStyle.Json) return Imported(tool.Arguments);
        if (list is null) return Whole(tool);
        return plan.Form.Style == ArgumentStyle.Python ? Keywords(list) : Tags(list);
    }

    // Python's way to give an object's entries as arguments; after tags, the object alone on a line.
    private int Whole(CallableTool tool)
    {
        var start = builder.State();
        var (before, after) = plan.Form.Style == ArgumentStyle.Python ? ("**", "") : ("", "\n");
        int value = Literal(start, before), end = builder.State();
        builder.Call(value, Imported(tool.Arguments), end);
        builder.Mark(Literal(end, after), StateMarks.Final);
        return builder.Rule(start);
    }

    private int Keywords(ArgumentList list)
    {
        int start = builder.State(), end = builder.State(StateMarks.Final);
        // Two chains of states: nothing written yet, and something written.
        int bare = start, written = -1;
        foreach (var argument in list.Arguments)
        {
            var after = builder.State();
            var value = builder.State();
            if (bare >= 0) builder.Epsilon(Literal(bare, argument.Name + "="), value);
            if (written >= 0) builder.Epsilon(Literal(written, $", {argument.Name}="), value);
            builder.Call(value, Imported(argument.Value), after);
            if (argument.Required) bare = -1;
            else if (written >= 0) builder.Epsilon(written, after);
            written = after;
        }

        if (bare >= 0) builder.Epsilon(bare, end);
        if (written >= 0) builder.Epsilon(written, end);
        return builder.Rule(start);
    }

    private int Tags(ArgumentList list)
    {
        var start = builder.State();
        var at = start;
        foreach (var argument in list.Arguments)
        {
            var value = Literal(at, $"<parameter={argument.Name}>\n");
            int after;
            if (argument.Bare)
            {
                after = new TextWriter(builder).UpTo(value, TaggedReader.End, StateMarks.None);
            }
            else
            {
                var written = builder.State();
                builder.Call(value, Imported(argument.Value), written);
                after = Literal(written, TaggedReader.End);
            }

            if (!argument.Required) builder.Epsilon(at, after);
            at = after;
        }

        builder.Mark(at, StateMarks.Final);
        return builder.Rule(start);
    }

    private int Imported(Grammar grammar) => builder.Import(grammar.Automaton);

    private int Literal(int from, string literal) => builder.Literal(from, Encoding.UTF8.GetBytes(literal));
}
