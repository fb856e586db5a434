using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Grammars;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>A tool that may be called.</summary>
/// <param name="Name">Letters, digits, <c>_</c> and <c>-</c>.</param>
/// <param name="Parameters">Schema of its arguments; null where no schema says what they are.</param>
/// <param name="Arguments">Its arguments as JSON.</param>
public sealed record CallableTool(string Name, JsonElement? Parameters, Grammar Arguments)
{
    private static readonly Grammar Nothing = Grammar.OfChoices(["{}"]);

    /// <summary>What its arguments are one by one, where no schema says so.</summary>
    internal ArgumentList? Known { get; private init; }

    /// <summary>A function without arguments.</summary>
    public static CallableTool Bare(string name) => new(name, null, Nothing) { Known = new ArgumentList([]) };

    /// <summary>A tool whose single argument is a word of a grammar.</summary>
    /// <exception cref="GrammarException">It is malformed or too large; where in its text is said.</exception>
    public static CallableTool OfText(string name, string argument, string definition, GrammarSyntax syntax)
    {
        var value = Grammar.Build(builder => Around(builder, "\"", Written(builder), "\""));
        var arguments = Grammar.Build(builder => Around(builder, $"{{\"{argument}\": \"", Written(builder), "\"}"));
        return new CallableTool(name, null, arguments) { Known = new ArgumentList([new Argument(argument, true, value, Bare: false)]) };

        int Written(AutomatonBuilder builder) => GrammarWriter.Write(builder, definition, syntax, CharacterWriter.InString);
    }

    private static int Around(AutomatonBuilder builder, string before, int rule, string after)
    {
        int start = builder.State(), end = builder.State();
        builder.Call(builder.Literal(start, Encoding.UTF8.GetBytes(before)), rule, end);
        builder.Mark(builder.Literal(end, Encoding.UTF8.GetBytes(after)), StateMarks.Final);
        return builder.Rule(start);
    }
}
