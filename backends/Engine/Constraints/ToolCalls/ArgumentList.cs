using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>One argument.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="Value">Its values as JSON.</param>
/// <param name="Bare">Whether it is any text at all, which may be written without quotes.</param>
internal sealed record Argument(string Name, bool Required, Grammar Value, bool Bare);

/// <summary>The arguments of a tool one by one, for families that do not write them as an object.</summary>
internal sealed record ArgumentList(IReadOnlyList<Argument> Arguments)
{
    private static readonly string[] Plain = ["type", "properties", "required", "additionalProperties", "$defs", "definitions", "title", "description", "$schema", "examples", "default", "$comment", "$id"];

    /// <returns>Null where the schema is more than a list of properties; then the arguments are written as an object after all.</returns>
    public static ArgumentList? Of(CallableTool tool, ArgumentStyle style)
    {
        if (tool.Known is { } known) return known;
        if (tool.Parameters is not { } schema) return null;
        if (schema.ValueKind != JsonValueKind.Object || !schema.EnumerateObject().All(static entry => Plain.Contains(entry.Name))) return null;
        if (schema.TryGetProperty("type", out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8))) return null;
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object) return null;
        // References that leave the definitions lead nowhere once a property stands alone.
        if (References(schema).Any(static to => !to.StartsWith("#/$defs/", StringComparison.Ordinal) && !to.StartsWith("#/definitions/", StringComparison.Ordinal))) return null;
        HashSet<string> required = schema.TryGetProperty("required", out var names) ? [.. names.EnumerateArray().Select(static name => name.GetString()!)] : [];
        if (!required.All(name => properties.TryGetProperty(name, out _))) return null;
        var arguments = new List<Argument>();
        foreach (var property in properties.EnumerateObject())
        {
            if (!IsWritable(property.Name, style) || property.Value.ValueKind != JsonValueKind.Object) return null;
            var alone = JsonObject.Create(property.Value.Clone())!;
            foreach (var definitions in (ReadOnlySpan<string>)["$defs", "definitions"])
            {
                if (!schema.TryGetProperty(definitions, out var shared)) continue;
                if (alone.ContainsKey(definitions)) return null;
                alone[definitions] = JsonObject.Create(shared.Clone());
            }

            var value = JsonSerializer.SerializeToElement(alone);
            try
            {
                // What is not enforced of the whole was named when the whole was compiled.
                arguments.Add(new Argument(property.Name, required.Contains(property.Name), Grammar.OfSchema(value, []), style == ArgumentStyle.Tagged && IsAnyText(property.Value)));
            }
            catch (GrammarException)
            {
                return null;
            }
        }

        return new ArgumentList(arguments);
    }

    private static bool IsAnyText(JsonElement schema) =>
        schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("string"u8)
        && schema.EnumerateObject().All(static entry => entry.Name is "type" or "title" or "description" or "default" or "examples");

    private static bool IsWritable(string name, ArgumentStyle style) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') && (style == ArgumentStyle.Tagged || !char.IsAsciiDigit(name[0]));

    private static IEnumerable<string> References(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().SelectMany(static entry =>
            entry.NameEquals("$ref"u8) && entry.Value.ValueKind == JsonValueKind.String ? [entry.Value.GetString()!] : References(entry.Value)),
        JsonValueKind.Array => schema.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
