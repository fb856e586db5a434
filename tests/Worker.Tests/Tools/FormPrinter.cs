using System.Text.Json;
using Gateway.Engine.Constraints.ToolCalls;

namespace Gateway.Worker.Tests.Tools;

/// <summary>Writes calls as a family would, from their JSON: the other way round than the splitter.</summary>
internal static class FormPrinter
{
    public static string Print(ToolCallForm form, IReadOnlyList<(string Name, string Arguments)> calls) =>
        (form.Bare ? "" : form.Tag) + form.Begin
        + string.Join(form.Separator, calls.Select(call => form.BeforeName + call.Name + form.BeforeArguments + Arguments(form.Style, call.Name, call.Arguments) + form.AfterArguments))
        + form.Close;

    private static string Arguments(ArgumentStyle style, string name, string json)
    {
        if (style == ArgumentStyle.Json) return json;
        using var parsed = JsonDocument.Parse(json);
        var entries = parsed.RootElement.EnumerateObject().ToList();
        // Schemas that are no list of properties are written whole.
        if (name is "any" or "either") return style == ArgumentStyle.Python ? $"**{json}" : $"{json}\n";
        return style == ArgumentStyle.Python
            ? string.Join(", ", entries.Select(static entry => $"{entry.Name}={entry.Value.GetRawText()}"))
            : string.Concat(entries.Select(entry => $"<parameter={entry.Name}>\n{(entry.Name == "a" ? entry.Value.GetString() : entry.Value.GetRawText())}\n</parameter>\n"));
    }
}
