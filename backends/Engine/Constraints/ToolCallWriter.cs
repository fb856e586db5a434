using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Schemas;

namespace Gateway.Engine.Constraints;

/// <summary>How a family writes a call: <c>Open {"name": "f", "arguments": {…}} Close</c>, with what stands between.</summary>
/// <param name="Tag">What opens a call; never part of free text.</param>
/// <param name="BeforeName">From the tag to the function's name, quotes excluded.</param>
/// <param name="BeforeArguments">From the name to its arguments.</param>
/// <param name="Close">After the arguments.</param>
public sealed record ToolCallForm(string Tag, string BeforeName, string BeforeArguments, string Close);

/// <summary>A function that may be called.</summary>
/// <param name="Name">Letters, digits, <c>_</c> and <c>-</c>.</param>
/// <param name="Parameters">Schema of its arguments; null takes no arguments.</param>
public sealed record CallableTool(string Name, JsonElement? Parameters);

/// <summary>Writes tool calls and the free text around them.</summary>
internal sealed class ToolCallWriter(AutomatonBuilder builder, ToolCallForm form, IReadOnlyList<CallableTool> tools)
{
    public int Rule(bool forced, bool parallel)
    {
        if (forced)
        {
            var only = builder.State();
            Call(builder.Literal(only, Encoding.UTF8.GetBytes(form.Tag)), builder.State(StateMarks.Final));
            return builder.Rule(only);
        }

        var tag = Encoding.UTF8.GetBytes(form.Tag);
        var states = tag.Select(_ => builder.State(StateMarks.Final | StateMarks.Free)).ToArray();
        for (var at = 0; at < states.Length; at++) Text(states, tag, at);
        if (tools.Count > 0)
        {
            var opened = builder.State();
            builder.Byte(states[^1], tag[^1], opened);
            Call(opened, parallel ? states[0] : builder.State(StateMarks.Final));
        }

        return builder.Rule(states[0]);
    }

    // State i has read the first i bytes of the tag and nothing longer of it (Knuth, Morris and Pratt).
    private void Text(int[] states, byte[] tag, int at)
    {
        var next = 0;
        foreach (var value in tag.Distinct().Order())
        {
            if (value > next) builder.Bytes(states[at], (byte)next, (byte)(value - 1), states[0]);
            next = value + 1;
            var to = Longest(tag, at, value);
            // The whole tag is no text.
            if (to < tag.Length) builder.Byte(states[at], value, states[to]);
        }

        if (next <= 255) builder.Bytes(states[at], (byte)next, 255, states[0]);
    }

    private static int Longest(byte[] tag, int at, byte value)
    {
        byte[] read = [.. tag.AsSpan(0, at), value];
        for (var length = read.Length; length > 0; length--)
            if (read.AsSpan(read.Length - length).SequenceEqual(tag.AsSpan(0, length))) return length;
        return 0;
    }

    private void Call(int from, int to)
    {
        var named = builder.Literal(from, Encoding.UTF8.GetBytes(form.BeforeName));
        foreach (var tool in tools)
        {
            var arguments = builder.State();
            builder.Call(builder.Literal(named, Encoding.UTF8.GetBytes(tool.Name + form.BeforeArguments)), Arguments(tool), arguments);
            builder.Epsilon(builder.Literal(arguments, Encoding.UTF8.GetBytes(form.Close)), to);
        }
    }

    private int Arguments(CallableTool tool) =>
        tool.Parameters is { } schema ? new SchemaCompiler(builder, schema).Root() : new JsonRules(builder).Literal("{}"u8);
}
