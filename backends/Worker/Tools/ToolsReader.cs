using System.Text.Json.Nodes;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Tools;

/// <summary>The one place that understands tools and functions, which of them are called, and whether several at once.</summary>
internal static class ToolsReader
{
    // What makes a plan beside the tools themselves.
    private static readonly string[] PlanFields = ["tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "response_format", "guided_json", "structured_outputs"];

    /// <returns>Null for a request without tools.</returns>
    public static ToolSet? Read(JsonFields fields, LoadedModel model)
    {
        var parallel = fields.Flag("parallel_tool_calls") ?? true;
        var definitions = ToolDefinitionReader.Read(fields, out var legacy);
        var choice = ToolChoiceReader.Read(fields, definitions, legacy);
        if (definitions.Count == 0) return null;
        var given = fields.Array(legacy ? "functions" : "tools")!.Value.GetRawText();
        var compiled = model.Tools.Compiled.Get(given, () => CompiledTools.Of(definitions));
        var none = choice.Mode == ToolMode.None;
        // A tool that was not allowed stays in the prompt, so that the prompt's cache holds.
        var callable = none ? [] : choice.Names is { } names ? [.. compiled.Tools.Where(tool => names.Contains(tool.Name))] : compiled.Tools;
        var key = string.Concat(PlanFields.Select(name => fields.TryGet(name, out var value) ? $"{name}:{value.GetRawText()}\n" : ""));
        var several = parallel && !legacy && choice.Mode != ToolMode.Named;
        return new ToolSet(
            none ? null : new JsonArray([.. definitions.Select(static tool => tool.Shown)]), choice.Mode, legacy,
            definitions.Where(static tool => tool.IsCustom).Select(static tool => tool.Name).ToHashSet(), none ? [] : compiled.Unenforced, Plan);

        ToolCallPlan Plan(Grammar? content, ThoughtForm? thoughts) => model.Tools.Plans.Get($"{key}{content is not null}{thoughts?.Begun}", () =>
        {
            var options = new ToolCallOptions(choice.Mode is ToolMode.Required or ToolMode.Named, several)
            {
                Content = content,
                Thoughts = thoughts,
                Withheld = [.. definitions.Select(static tool => tool.Name).Where(name => callable.All(tool => tool.Name != name))],
            };
            try
            {
                return new ToolCallPlan(model.Tools.Family.Form, callable, options);
            }
            catch (GrammarException large)
            {
                throw Problems.Invalid(legacy ? "functions" : "tools", $"Invalid '{(legacy ? "functions" : "tools")}': {large.Message}");
            }
        });
    }
}
