using System.Text.Json;
using Gateway.Worker.Errors;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Tools;

/// <summary>Reads <c>tool_choice</c>, and the <c>function_call</c> of old.</summary>
internal static class ToolChoiceReader
{
    public static ToolChoice Read(JsonFields fields, IReadOnlyList<ToolDefinition> tools, bool legacy)
    {
        var old = fields.Has("function_call");
        if (tools.Count == 0)
        {
            // Without tools only what asks for no call makes sense.
            Refuse(fields, "tool_choice", "tools");
            Refuse(fields, "function_call", "functions");
            return new ToolChoice(ToolMode.None);
        }

        if (old && !legacy) throw Problems.Invalid("function_call", "Invalid 'function_call': it is not allowed together with 'tools'; use 'tool_choice'.");
        if (legacy && fields.Has("tool_choice")) throw Problems.Invalid("tool_choice", "Invalid 'tool_choice': it is not allowed together with 'functions'; use 'function_call'.");
        return legacy ? Old(fields, tools) : New(fields, tools);
    }

    private static void Refuse(JsonFields fields, string name, string needed)
    {
        if (!fields.TryGet(name, out var choice)) return;
        if (choice.ValueKind != JsonValueKind.String || fields.OneOf(name, "none", "auto", "required") == "required")
            throw Problems.Invalid(name, $"'{name}' is only allowed when '{needed}' are specified.");
    }

    private static ToolChoice Old(JsonFields fields, IReadOnlyList<ToolDefinition> functions)
    {
        if (!fields.TryGet("function_call", out var choice)) return new ToolChoice(ToolMode.Auto);
        if (choice.ValueKind == JsonValueKind.String) return new ToolChoice(fields.OneOf("function_call", "none", "auto") == "none" ? ToolMode.None : ToolMode.Auto);
        var name = fields.Object("function_call")!.Value.RequiredText("name");
        return new ToolChoice(ToolMode.Named, [Known(functions, name, custom: false, "function_call", "functions")]);
    }

    private static ToolChoice New(JsonFields fields, IReadOnlyList<ToolDefinition> tools)
    {
        if (!fields.TryGet("tool_choice", out var choice)) return new ToolChoice(ToolMode.Auto);
        if (choice.ValueKind == JsonValueKind.String)
            return new ToolChoice(fields.OneOf("tool_choice", "none", "auto", "required") switch { "none" => ToolMode.None, "auto" => ToolMode.Auto, _ => ToolMode.Required });
        var given = fields.Object("tool_choice")!.Value;
        switch (given.OneOf("type", "function", "custom", "allowed_tools") ?? throw Problems.Missing("tool_choice.type"))
        {
            case "allowed_tools":
                return Allowed(given.Object("allowed_tools") ?? throw Problems.Missing("tool_choice.allowed_tools"), tools);
            case var type:
                var named = given.Object(type) ?? throw Problems.Missing($"tool_choice.{type}");
                return new ToolChoice(ToolMode.Named, [Known(tools, named.RequiredText("name"), type == "custom", "tool_choice", "tools")]);
        }
    }

    private static ToolChoice Allowed(JsonFields allowed, IReadOnlyList<ToolDefinition> tools)
    {
        var mode = allowed.OneOf("mode", "auto", "required") ?? throw Problems.Missing(allowed.PathOf("mode"));
        var list = allowed.Array("tools") ?? throw Problems.Missing(allowed.PathOf("tools"));
        if (list.GetArrayLength() == 0) throw Problems.EmptyArray(allowed.PathOf("tools"));
        var names = list.EnumerateArray().Select((element, at) =>
        {
            var tool = JsonFields.Of(element, $"{allowed.PathOf("tools")}[{at}]");
            var type = tool.OneOf("type", "function", "custom") ?? throw Problems.Missing(tool.PathOf("type"));
            // The name stands inside, as in tools, or flat, as in responses.
            var name = (tool.Object(type) ?? tool).RequiredText("name");
            return Known(tools, name, type == "custom", "tool_choice", "tools");
        }).Distinct().ToList();
        return new ToolChoice(mode == "auto" ? ToolMode.Auto : ToolMode.Required, names);
    }

    private static string Known(IReadOnlyList<ToolDefinition> tools, string name, bool custom, string param, string list) =>
        tools.Any(tool => tool.Name == name && tool.IsCustom == custom)
            ? name
            : throw Problems.Invalid(param, $"Invalid '{param}': no {(custom ? "custom tool" : "function")} in '{list}' is named '{name}'.");
}
