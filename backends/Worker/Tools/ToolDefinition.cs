using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Grammars;

namespace Gateway.Worker.Tools;

/// <summary>A tool as a request describes it: shape and names are valid, the schema is not yet compiled.</summary>
/// <param name="Name">Unique in the request.</param>
/// <param name="Path">Where its schema stands.</param>
/// <param name="Parameters">Schema of its arguments; null takes none.</param>
/// <param name="Strict">Whether the schema has to keep the strict rules.</param>
/// <param name="Shown">What a template is given: a function always.</param>
internal sealed record ToolDefinition(string Name, string Path, JsonElement? Parameters, bool Strict, JsonObject Shown)
{
    /// <summary>Whether its input is text; it then travels as the argument <c>input</c>.</summary>
    public bool IsCustom { get; init; }

    /// <summary>What binds the input of a custom tool; null is any text.</summary>
    public (string Definition, GrammarSyntax Syntax)? Grammar { get; init; }
}
