using System.Text.RegularExpressions;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Engine.Text;

namespace Gateway.Worker.Tools;

/// <summary>The ways in which families write tool calls, told apart by their chat templates and vocabularies. The table in the README is this one.</summary>
internal static partial class ToolFamilies
{
    private const string Arguments = "\", \"arguments\": ";

    public static ToolCallForm Hermes { get; } = new("hermes", ArgumentStyle.Json, Arguments)
    {
        Tag = "<tool_call>",
        BeforeName = "\n{\"name\": \"",
        AfterArguments = "}\n</tool_call>",
        Separator = "\n<tool_call>",
    };

    public static ToolCallForm Coder { get; } = new("coder", ArgumentStyle.Tagged, ">\n")
    {
        Tag = "<tool_call>",
        BeforeName = "\n<function=",
        AfterArguments = "</function>\n</tool_call>",
        Separator = "\n<tool_call>",
    };

    public static ToolCallForm Llama { get; } = new("llama", ArgumentStyle.Json, "\", \"parameters\": ")
    {
        Tag = "<|python_tag|>",
        Bare = true,
        BeforeName = "{\"name\": \"",
        AfterArguments = "}",
    };

    public static ToolCallForm Pythonic { get; } = new("pythonic", ArgumentStyle.Python, "(")
    {
        Bare = true,
        Begin = "[",
        AfterArguments = ")",
        Separator = ", ",
        Close = "]",
    };

    public static ToolCallForm Liquid { get; } = new("liquid", ArgumentStyle.Python, "(")
    {
        Tag = "<|tool_call_start|>",
        Begin = "[",
        AfterArguments = ")",
        Separator = ", ",
        Close = "]<|tool_call_end|>",
    };

    public static ToolCallForm MistralList { get; } = List("mistral", "[TOOL_CALLS]", "]");

    public static ToolCallForm MistralArguments { get; } = new("mistral 11", ArgumentStyle.Json, "[ARGS]") { Tag = "[TOOL_CALLS]", Separator = "[TOOL_CALLS]" };

    public static ToolCallForm Granite { get; } = List("granite 3", "<|tool_call|>", "]");

    public static ToolCallForm Nemotron { get; } = List("nemotron 2", "<TOOLCALL>", "]</TOOLCALL>");

    public static ToolCallForm Functionary { get; } = new("functionary", ArgumentStyle.Json, ">") { Tag = "<function=", AfterArguments = "</function>", Separator = "<function=" };

    /// <summary>Every form there is.</summary>
    public static IReadOnlyList<ToolCallForm> All { get; } =
        [Hermes, Coder, Llama, Pythonic, Liquid, MistralList, MistralArguments, MistralArguments with { Name = "mistral 11 with ids", IdTag = "[CALL_ID]" }, Granite, Nemotron, Functionary];

    public static ToolFamily Of(string template, Tokenizer tokenizer)
    {
        var form = template.Contains("tools", StringComparison.Ordinal) ? FormOf(template, tokenizer) : null;
        return form is null
            ? new ToolFamily(Hermes) { Prompted = true }
            : new ToolFamily(form)
            {
                ShortIds = template.Contains("length != 9", StringComparison.Ordinal),
                NeedsObjects = form.Style != ArgumentStyle.Json || template.Contains("arguments | items", StringComparison.Ordinal),
            };
    }

    // A template has to show the form; of those that do, the more special comes first.
    private static ToolCallForm? FormOf(string template, Tokenizer tokenizer)
    {
        if (Has("[TOOL_CALLS]")) return !Has("[ARGS]") ? MistralList : Has("[CALL_ID]") ? All.First(static form => form.IdTag is not null) : MistralArguments;
        if (Has("<tool_call>", "<function=", "<parameter=")) return Coder;
        if (Has("<tool_call>", "</tool_call>", "\"arguments\"") && !Has("<tool_calls>[")) return Hermes;
        if (Has("<tool_call>", "</tool_call>", "\\\"arguments\\\"")) return Hermes;
        if (Has("<TOOLCALL>[")) return Nemotron;
        if (Has("<|tool_call|>", "JSON list")) return Granite;
        if (Has("<function=", "</function>")) return Functionary;
        if (Has("{\"name\": ", "\"parameters\"", "ipython")) return Llama;
        if (PythonCall().IsMatch(template)) return Pythonic;
        return tokenizer.TryGetId("<|tool_call_start|>", out _) && tokenizer.TryGetId("<|tool_call_end|>", out _) || Has("<|tool_call_start|>[") ? Liquid : null;

        bool Has(params ReadOnlySpan<string> marks)
        {
            foreach (var mark in marks)
                if (!template.Contains(mark, StringComparison.Ordinal)) return false;
            return true;
        }
    }

    private static ToolCallForm List(string name, string tag, string close) => new(name, ArgumentStyle.Json, Arguments)
    {
        Tag = tag,
        Begin = "[",
        BeforeName = "{\"name\": \"",
        AfterArguments = "}",
        Separator = ", ",
        Close = close,
    };

    // An example such as [func_name1(params_name1=…, as prompts of the pythonic kind have it.
    [GeneratedRegex(@"\[\w+\(\w+=", RegexOptions.CultureInvariant)]
    private static partial Regex PythonCall();
}
