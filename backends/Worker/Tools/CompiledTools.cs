using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.Schemas;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Worker.Errors;

namespace Gateway.Worker.Tools;

/// <summary>Tools with their schemas compiled.</summary>
/// <param name="Tools">In the request's order.</param>
/// <param name="Unenforced">Keywords that do not bind.</param>
internal sealed record CompiledTools(IReadOnlyList<CallableTool> Tools, IReadOnlyList<string> Unenforced)
{
    public static CompiledTools Of(IEnumerable<ToolDefinition> definitions)
    {
        var unenforced = new List<string>();
        return new CompiledTools([.. definitions.Select(tool => Compile(tool, unenforced))], unenforced);
    }

    // A strict schema binds whole or is refused; any other binds as far as it goes, but it has to be a schema that something satisfies.
    private static CallableTool Compile(ToolDefinition tool, List<string> unenforced)
    {
        // As recorded from the live service: no parameters at all do not say that there are no others.
        if (tool.Parameters is null && tool.Strict)
            throw Problems.BadFunction(tool.Path, $"Invalid schema for function '{tool.Name}': In context=(), 'additionalProperties' is required to be supplied and to be false.");
        if (tool.Parameters is not { } schema) return CallableTool.Bare(tool.Name);
        try
        {
            if (tool.Grammar is var (definition, syntax)) return CallableTool.OfText(tool.Name, CustomTool.Input, definition, syntax);
            if (tool.Strict) StrictRules.Check(schema);
            schema = OfObjects(schema, tool);
            List<string> keywords = [];
            var grammar = Grammar.OfSchema(schema, tool.Strict || tool.IsCustom ? null : keywords);
            unenforced.AddRange(keywords.Select(keyword => $"{tool.Path}{keyword}"));
            return new CallableTool(tool.Name, schema, grammar);
        }
        catch (GrammarException wrong) when (tool.IsCustom)
        {
            throw Problems.Invalid(tool.Path, $"Invalid '{tool.Path}': {wrong.Message}");
        }
        catch (GrammarException wrong)
        {
            throw Problems.BadFunction(tool.Path, $"Invalid schema for function '{tool.Name}': {wrong.Message}");
        }
    }

    // Arguments are an object even where the schema leaves that open.
    private static JsonElement OfObjects(JsonElement schema, ToolDefinition tool)
    {
        if (schema.TryGetProperty("type", out var type))
        {
            if (type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8)) return schema;
            if (type.ValueKind == JsonValueKind.String || (type.ValueKind == JsonValueKind.Array && !type.EnumerateArray().Any(static one => one.ValueKind == JsonValueKind.String && one.ValueEquals("object"u8))))
                throw Problems.BadFunction(tool.Path, $"Invalid schema for function '{tool.Name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: {type.GetRawText()}'.");
            if (type.ValueKind != JsonValueKind.Array) return schema; // malformed: the compiler says how
        }

        var bound = JsonObject.Create(schema)!;
        bound["type"] = "object";
        return JsonSerializer.SerializeToElement(bound);
    }
}
