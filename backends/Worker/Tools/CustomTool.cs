using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Grammars;
using Gateway.Worker.Errors;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Tools;

/// <summary>
/// A tool whose input is text. Templates know only functions, so to the model it is one with a single argument <c>input</c>; a format binds
/// that argument.
/// </summary>
internal static class CustomTool
{
    /// <summary>The argument in which the input travels.</summary>
    public const string Input = "input";

    public static ToolDefinition Read(JsonFields custom, string name)
    {
        var description = custom.Text("description") ?? "";
        var format = custom.Object("format");
        var type = format is { } given ? given.OneOf("type", "text", "grammar") ?? throw Problems.Missing(given.PathOf("type")) : "text";
        var grammar = type == "grammar" ? format!.Value.Object("grammar") ?? throw Problems.Missing(format.Value.PathOf("grammar")) : (JsonFields?)null;
        var syntax = grammar?.OneOf("syntax", "lark", "regex");
        if (grammar is { } bound && syntax is null) throw Problems.Missing(bound.PathOf("syntax"));
        var definition = grammar?.RequiredText("definition");
        // The model sees the definition too: a mask alone would only hold it back from what it meant to write.
        if (definition is not null) description = $"{description}\nThe input must match this {(syntax == "lark" ? "Lark grammar" : "regular expression")}: {definition}".TrimStart();
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [Input] = new JsonObject { ["type"] = "string" } },
            ["required"] = new JsonArray(Input),
            ["additionalProperties"] = false,
        };
        var function = new JsonObject { ["name"] = name, ["description"] = description, ["parameters"] = schema.DeepClone() };
        return new ToolDefinition(name, (grammar ?? custom).PathOf("definition"), JsonSerializer.SerializeToElement(schema), false, new JsonObject { ["type"] = "function", ["function"] = function })
        {
            IsCustom = true,
            Grammar = definition is null ? null : (definition, syntax == "lark" ? GrammarSyntax.Lark : GrammarSyntax.Regex),
        };
    }
}
