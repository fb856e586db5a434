using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.Schemas;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Tools;

/// <summary>The one place that understands <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>.</summary>
internal static class ToolsReader
{
    private const int MaxTools = 128;
    private const int MaxNameLength = 64;

    /// <returns>Null for a request without tools.</returns>
    public static ToolSet? Read(JsonFields fields, LoadedModel model)
    {
        var parallel = fields.Flag("parallel_tool_calls") ?? true;
        if (fields.Array("tools") is not { } given || given.GetArrayLength() == 0)
        {
            if (fields.Has("tool_choice") && Choice(fields, []) is not ("none" or "auto")) throw Problems.Invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
            return null;
        }

        if (given.GetArrayLength() > MaxTools) throw Problems.ArrayTooLong("tools", MaxTools, given.GetArrayLength());
        var unenforced = new List<string>();
        var tools = given.EnumerateArray().Select((tool, at) => Tool(tool, at, unenforced)).ToList();
        if (tools.GroupBy(static tool => tool.Name).FirstOrDefault(static group => group.Count() > 1) is { } twice) throw Problems.Invalid("tools", $"Invalid 'tools': the name '{twice.Key}' occurs more than once.");
        var choice = Choice(fields, tools);
        var form = ToolCallForms.Of(model.TemplateSource) ?? throw Problems.Unsupported("tools", "Its chat template has no place for them, or writes calls in a way that is not known.");
        if (choice == "none") return new ToolSet(null, form, () => Grammar.OfToolCalls(form, [], forced: false, parallel), false, []);
        var forced = choice != "auto";
        var allowed = choice is "auto" or "required" ? tools : tools.FindAll(tool => tool.Name == choice[1..]);
        var key = $"tools:{forced}:{parallel}:{choice}:{given.GetRawText()}";
        return new ToolSet((JsonArray)JsonCopy.Of(given)!, form, () => model.Grammars.Get(key, () => Grammar.OfToolCalls(form, allowed, forced, parallel)), forced, unenforced);
    }

    private static CallableTool Tool(JsonElement element, int at, List<string> unenforced)
    {
        var tool = JsonFields.Of(element, $"tools[{at}]");
        var type = tool.OneOf("type", "function", "custom") ?? throw Problems.Missing(tool.PathOf("type"));
        if (type == "custom") throw Problems.Unsupported(tool.PathOf("type"), "Only the type 'function' is.");
        var function = tool.Object("function") ?? throw Problems.Missing(tool.PathOf("function"));
        var name = function.RequiredText("name", MaxNameLength);
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw Problems.Invalid(function.PathOf("name"), $"Invalid '{function.PathOf("name")}': only letters, digits, '_' and '-' are allowed.");
        function.Text("description");
        var strict = function.Flag("strict") ?? false;
        if (function.Object("parameters") is not { } parameters) return new CallableTool(name, null);
        var schema = parameters.Element.Clone();
        try
        {
            if (strict) StrictRules.Check(schema);
            Grammar.OfSchema(schema);
            return new CallableTool(name, schema);
        }
        catch (GrammarException wrong) when (strict)
        {
            throw Problems.BadFunction(function.PathOf("parameters"), $"Invalid schema for function '{name}': {wrong.Message}");
        }
        catch (GrammarException)
        {
            unenforced.Add(function.PathOf("parameters"));
            return new CallableTool(name, AnyObject);
        }
    }

    /// <returns>none, auto, required, or =name.</returns>
    private static string Choice(JsonFields fields, List<CallableTool> tools)
    {
        if (!fields.TryGet("tool_choice", out var choice)) return "auto";
        if (choice.ValueKind == JsonValueKind.String) return fields.OneOf("tool_choice", "none", "auto", "required")!;
        var named = fields.Object("tool_choice")!.Value;
        if (named.RequiredText("type") is var type && type != "function") throw Problems.Unsupported("tool_choice.type", "Only the type 'function' is.");
        var function = named.Object("function") ?? throw Problems.Missing("tool_choice.function");
        var name = function.RequiredText("name");
        return tools.Exists(tool => tool.Name == name) ? $"={name}" : throw Problems.Invalid("tool_choice", $"Invalid 'tool_choice': no function in 'tools' is named '{name}'.");
    }

    private static JsonElement AnyObject { get; } = JsonDocument.Parse("""{"type":"object"}""").RootElement;
}
