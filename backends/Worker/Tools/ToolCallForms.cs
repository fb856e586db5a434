using Gateway.Engine.Constraints;

namespace Gateway.Worker.Tools;

/// <summary>The ways in which families write tool calls, told apart by their chat templates.</summary>
internal static class ToolCallForms
{
    // Hermes, Qwen 2 and 3, and the embedded model.
    private static readonly ToolCallForm Hermes = new("<tool_call>", "\n{\"name\": \"", "\", \"arguments\": ", "}\n</tool_call>");

    /// <summary>Null where the template has no place for tools, or writes calls in a way that is not known.</summary>
    public static ToolCallForm? Of(string template) =>
        template.Contains("tools", StringComparison.Ordinal) && template.Contains("<tool_call>", StringComparison.Ordinal) && template.Contains("</tool_call>", StringComparison.Ordinal)
            && template.Contains("\"arguments\"", StringComparison.Ordinal) ? Hermes : null;

    /// <summary>Tags that may be tokens of their own and are text of an answer all the same.</summary>
    public static IReadOnlyList<string> Tags { get; } = ["<tool_call>", "</tool_call>"];
}
