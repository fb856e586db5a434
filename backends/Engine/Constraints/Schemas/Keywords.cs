using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>What the keywords of a schema are, and how they are read where several schemas hold at once.</summary>
internal static class Keywords
{
    private const int MostCount = int.MaxValue - 1;

    private static readonly HashSet<string> All =
    [
        "anyOf", "oneOf", "not", "if", "type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
        "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties",
        "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems", "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "$recursiveRef",
    ];

    /// <summary>Whether a schema says something about values by itself, references and <c>allOf</c> aside; the rest are remarks.</summary>
    public static bool Narrows(JsonObject schema) => schema.Any(static entry => All.Contains(entry.Key));

    /// <summary>Whether it does by other keywords than these.</summary>
    public static bool Narrows(JsonObject schema, string[] but) => schema.Any(entry => All.Contains(entry.Key) && !but.Contains(entry.Key));

    /// <summary>The keyword's values where schemas have it, with their places.</summary>
    public static IEnumerable<(JsonNode? Value, SchemaPath Path)> In(this IReadOnlyList<SchemaPlace> schemas, string name)
    {
        foreach (var schema in schemas)
            if (schema.Keywords.TryGetPropertyValue(name, out var value)) yield return (value, schema.Path);
    }

    /// <summary>The schemas of an array of alternatives or parts.</summary>
    public static IEnumerable<SchemaPlace> Options(JsonNode? given, string name, SchemaPlace owner)
    {
        if (given is not JsonArray { Count: > 0 } options) throw owner.Path.Wrong($"'{name}' must be an array with at least one schema.");
        return options.Select((option, at) => new SchemaPlace(option, owner.Path.At(name, at), owner));
    }

    /// <summary>The keyword's schemas by name, empty where it is absent.</summary>
    public static JsonObject Named(SchemaPlace schema, string name) => schema.Keywords.TryGetPropertyValue(name, out var given)
        ? given as JsonObject ?? throw schema.Path.Wrong($"'{name}' must be an object.") : [];

    /// <summary>The highest of the counts under a keyword.</summary>
    public static int Least(this IReadOnlyList<SchemaPlace> schemas, string name)
    {
        var least = 0;
        foreach (var (value, path) in schemas.In(name)) least = Math.Max(least, Count(value, name, path));
        return least;
    }

    /// <summary>The lowest of the counts under a keyword; <see cref="int.MaxValue"/> where there is none.</summary>
    public static int Most(this IReadOnlyList<SchemaPlace> schemas, string name)
    {
        var most = int.MaxValue;
        foreach (var (value, path) in schemas.In(name)) most = Math.Min(most, Count(value, name, path));
        return most;
    }

    public static int Count(JsonNode? value, string name, SchemaPath path)
    {
        if (value is JsonValue && value.GetValueKind() == JsonValueKind.Number && ExactNumber.Parse(value.ToJsonString()) is { IsWhole: true } number && number.Unscaled.Sign >= 0)
            return number.Unscaled <= MostCount ? (int)number.Unscaled : MostCount;
        throw path.Wrong($"'{name}' must be a whole number that is not negative.");
    }

    public static List<string> Texts(JsonNode? value, string name, SchemaPath path)
    {
        var array = value as JsonArray ?? throw path.Wrong($"'{name}' must be an array of strings.");
        return [.. array.Select(item => Text(item) ?? throw path.Wrong($"'{name}' must be an array of strings.")).Distinct()];
    }

    public static string? Text(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? read) ? read : null;

    public static bool IsTrue(JsonNode? value) => value is JsonValue flag && flag.GetValueKind() == JsonValueKind.True;

    public static bool IsFalse(JsonNode? value) => value is JsonValue flag && flag.GetValueKind() == JsonValueKind.False;
}
