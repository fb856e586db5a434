using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Worker.Errors;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Tools;

/// <summary>Reads <c>tools</c>, and the <c>functions</c> of old.</summary>
internal static class ToolDefinitionReader
{
    private const int MaxTools = 128;
    private const int MaxNameLength = 64;

    /// <returns>Empty where there are none.</returns>
    public static List<ToolDefinition> Read(JsonFields fields, out bool legacy)
    {
        var tools = List(fields, "tools", Tool);
        var functions = List(fields, "functions", static (function, path) => Function(JsonFields.Of(function, path)));
        if (tools.Count > 0 && functions.Count > 0) throw Problems.Invalid("functions", "Invalid 'functions': it is not allowed together with 'tools'.");
        legacy = functions.Count > 0;
        return legacy ? functions : tools;
    }

    private static List<ToolDefinition> List(JsonFields fields, string name, Func<JsonElement, string, ToolDefinition> read)
    {
        if (fields.Array(name) is not { } given) return [];
        if (given.GetArrayLength() > MaxTools) throw Problems.ArrayTooLong(name, MaxTools, given.GetArrayLength());
        var list = given.EnumerateArray().Select((tool, at) => read(tool, $"{name}[{at}]")).ToList();
        var twice = list.GroupBy(static tool => tool.Name).FirstOrDefault(static group => group.Count() > 1);
        return twice is null ? list : throw Problems.Invalid(name, $"Invalid '{name}': the name '{twice.Key}' occurs more than once.");
    }

    private static ToolDefinition Tool(JsonElement element, string path)
    {
        var tool = JsonFields.Of(element, path);
        var type = tool.OneOf("type", "function", "custom") ?? throw Problems.Missing(tool.PathOf("type"));
        var inner = tool.Object(type) ?? throw Problems.Missing(tool.PathOf(type));
        if (type == "custom") return CustomTool.Read(inner, Name(inner));
        var function = Function(inner);
        return function with { Shown = (JsonObject)JsonCopy.Of(element)! };
    }

    private static ToolDefinition Function(JsonFields function)
    {
        var name = Name(function);
        function.Text("description");
        var strict = function.Flag("strict") ?? false;
        var shown = new JsonObject { ["type"] = "function", ["function"] = JsonCopy.Of(function.Element) };
        return new ToolDefinition(name, function.PathOf("parameters"), function.Object("parameters")?.Element.Clone(), strict, shown);
    }

    private static string Name(JsonFields tool)
    {
        var name = tool.RequiredText("name", MaxNameLength);
        return name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? name
            : throw Problems.Invalid(tool.PathOf("name"), $"Invalid '{tool.PathOf("name")}': only letters, digits, '_' and '-' are allowed, and at least one.");
    }
}
