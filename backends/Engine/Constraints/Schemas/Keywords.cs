using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>What the keywords of a schema are, and how they are read.</summary>
internal static class Keywords
{
    private static readonly string[] AllTypes = ["object", "array", "string", "number", "boolean", "null"];

    private static readonly HashSet<string> Enforced =
    [
        "$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ];

    private static readonly HashSet<string> Unenforced =
    [
        "uniqueItems", "contains", "minContains", "maxContains", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
        "patternProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "additionalItems", "$dynamicRef", "$recursiveRef",
    ];

    /// <summary>Keywords that narrow what satisfies the schema; the rest are remarks.</summary>
    public static IEnumerable<string> Narrowing(JsonObject schema) => schema.Select(static entry => entry.Key).Where(static name => Enforced.Contains(name) || Unenforced.Contains(name));

    public static void SkipUnenforced(JsonObject schema, SchemaPath path, Enforcement enforcement)
    {
        foreach (var (name, value) in schema.ToList())
        {
            if (!Unenforced.Contains(name)) continue;
            if (name == "uniqueItems" && value is JsonValue flag && flag.GetValueKind() == JsonValueKind.False) continue;
            enforcement.Skip(path, name, $"'{name}' is not supported.");
            schema.Remove(name);
        }
    }

    public static IReadOnlyList<string> Types(JsonObject schema, SchemaPath path)
    {
        if (!schema.TryGetPropertyValue("type", out var type)) return AllTypes;
        List<string> names = type is JsonArray ? Texts(schema, "type", path) : [Text(type) ?? throw path.Wrong("'type' must be a string or an array of strings.")];
        if (names.Count == 0) throw path.Wrong("'type' is empty, so that nothing satisfies it.");
        foreach (var name in names)
            if (name != "integer" && !AllTypes.Contains(name)) throw path.Wrong($"'{name}' is not a type.");
        return [.. names.Distinct().Where(name => name != "integer" || !names.Contains("number"))];
    }

    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => ExactNumber.Parse(value!.ToJsonString()) is { IsWhole: true } ? "integer" : "number",
    };

    public static int? Count(JsonObject schema, string name, SchemaPath path)
    {
        if (!schema.TryGetPropertyValue(name, out var value)) return null;
        if (value is JsonValue && value.GetValueKind() == JsonValueKind.Number && ExactNumber.Parse(value.ToJsonString()) is { IsWhole: true } number && number.Floor >= 0)
            return number.Floor <= int.MaxValue - 1 ? (int)number.Floor : int.MaxValue - 1;
        throw path.Wrong($"'{name}' must be a whole number that is not negative.");
    }

    public static List<string> Texts(JsonObject schema, string name, SchemaPath path)
    {
        if (!schema.TryGetPropertyValue(name, out var value)) return [];
        var array = value as JsonArray ?? throw path.Wrong($"'{name}' must be an array of strings.");
        return [.. array.Select(item => Text(item) ?? throw path.Wrong($"'{name}' must be an array of strings.")).Distinct()];
    }

    public static string? Text(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? read) ? read : null;
}

/// <summary>A JSON number as it was written, with all its digits.</summary>
/// <param name="Floor">The largest whole number that is not greater.</param>
/// <param name="IsWhole">Whether it is that number.</param>
internal sealed record ExactNumber(BigInteger Floor, bool IsWhole)
{
    public BigInteger Ceiling => IsWhole ? Floor : Floor + 1;

    /// <summary>Null beyond the range of a double.</summary>
    public static ExactNumber? Parse(string text)
    {
        var letter = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = letter < 0 ? text : text[..letter];
        if (!int.TryParse(letter < 0 ? "0" : text.AsSpan(letter + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) || Math.Abs(exponent) > 400 || text.Length > 1_000) return null;
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        var number = BigInteger.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= 0) return new ExactNumber(number * BigInteger.Pow(10, exponent), true);
        var unit = BigInteger.Pow(10, -exponent);
        var floor = BigInteger.DivRem(number, unit, out var remainder);
        return new ExactNumber(remainder < 0 ? floor - 1 : floor, remainder.IsZero);
    }
}
