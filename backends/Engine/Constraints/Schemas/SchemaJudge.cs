using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// Says whether a value satisfies a schema. The values of <c>enum</c> and <c>const</c> are judged once, so that every keyword beside them holds.
/// </summary>
internal sealed class SchemaJudge(SchemaReferences references, StringRules strings, PropertySchemas applying, Enforcement enforcement, SchemaBudget budget)
{
    private const int MostDepth = 256;
    private readonly Dictionary<JsonArray, HashSet<string>> enums = [];
    private int depth;

    public bool Holds(JsonNode? value, JsonNode? schema, SchemaPath path)
    {
        budget.Spend(1, path);
        if (Keywords.IsTrue(schema)) return true;
        if (Keywords.IsFalse(schema)) return false;
        var given = schema as JsonObject ?? throw path.Wrong("a schema must be an object or a boolean.");
        if (++depth > MostDepth) throw path.Wrong("the schema's references go round in a circle.");
        var place = new SchemaPlace(given, path);
        var holds = given.All(keyword => Keyword(value, keyword.Key, keyword.Value, place));
        depth--;
        return holds;
    }

    private bool Keyword(JsonNode? value, string name, JsonNode? given, SchemaPlace place)
    {
        var (schema, path) = (place.Keywords, place.Path);
        switch (name)
        {
            case "$ref" or "$dynamicRef": return Holds(value, references.Resolve(schema, name, given, path), path.At(name));
            case "type": return (JsonTypesOf.Value(value) & JsonTypesOf.Keyword(given, path)) != 0;
            case "const": return Canonical.Of(value) == Canonical.Of(given);
            case "enum": return Enum(given, path).Contains(Canonical.Of(value));
            case "allOf": return Keywords.Options(given, name, place).All(part => Holds(value, part.Node, part.Path));
            case "anyOf": return Keywords.Options(given, name, place).Any(part => Holds(value, part.Node, part.Path));
            case "oneOf": return Keywords.Options(given, name, place).Count(part => Holds(value, part.Node, part.Path)) == 1;
            case "not": return !Holds(value, given, path.At(name));
            case "if": return schema[Holds(value, given, path.At(name)) ? "then" : "else"] is not { } next || Holds(value, next, path);
        }

        return value switch
        {
            JsonObject obj => Object(obj, name, given, place),
            JsonArray array => Array(array, name, given, place),
            _ when Keywords.Text(value) is { } text => Text(text, name, given, path),
            JsonValue number when JsonTypesOf.Value(number) is JsonTypes.Whole or JsonTypes.Fraction => Number(ExactNumber.Parse(number.ToJsonString()), name, given, path),
            _ => true,
        };
    }

    public HashSet<string> Enum(JsonNode? given, SchemaPath path)
    {
        var values = given as JsonArray ?? throw path.Wrong("'enum' must be an array.");
        if (values.Count == 0) throw path.Wrong("'enum' is empty, so that nothing satisfies it.");
        if (enums.TryGetValue(values, out var known)) return known;
        budget.Spend(values.Count, path);
        return enums[values] = [.. values.Select(Canonical.Of)];
    }

    private bool Text(string text, string name, JsonNode? given, SchemaPath path) => name switch
    {
        "minLength" => text.EnumerateRunes().Count() >= Keywords.Count(given, name, path),
        "maxLength" => text.EnumerateRunes().Count() <= Keywords.Count(given, name, path),
        "pattern" or "format" => strings.Machine(name, given, path) is not { } machine || Texts.TextProduct.Matches(machine, text),
        _ => true,
    };

    private static bool Number(ExactNumber? number, string name, JsonNode? given, SchemaPath path)
    {
        if (name is not ("minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf")) return true;
        if (number is null) return false; // beyond the range of a double
        var bound = NumberRules.Bound(given, name, path);
        var scale = Math.Max(number.Scale, bound.Scale);
        var (mine, other) = (number.Floor(scale), bound.Floor(scale));
        return name switch
        {
            "minimum" => mine >= other,
            "maximum" => mine <= other,
            "exclusiveMinimum" => mine > other,
            "exclusiveMaximum" => mine < other,
            _ => BigInteger.Remainder(mine, other).IsZero,
        };
    }

    private bool Array(JsonArray array, string name, JsonNode? given, SchemaPlace place)
    {
        var path = place.Path;
        switch (name)
        {
            case "minItems": return array.Count >= Keywords.Count(given, name, path);
            case "maxItems": return array.Count <= Keywords.Count(given, name, path);
            case "uniqueItems": return !Keywords.IsTrue(given) || array.Select(Canonical.Of).Distinct().Count() == array.Count;
            case "prefixItems": return ArrayRules.Prefix(place).Zip(array).All(pair => Holds(pair.Second, pair.First.Node, pair.First.Path));
            case "items": return ArrayRules.Rest(place) is not { } rest || array.Skip(ArrayRules.Prefix(place).Count).All(item => Holds(item, rest.Node, rest.Path));
            case "contains":
                var count = array.Count(item => Holds(item, given, path.At(name)));
                return count >= (place.Keywords.TryGetPropertyValue("minContains", out var least) ? Keywords.Count(least, "minContains", path) : 1)
                    && count <= (place.Keywords.TryGetPropertyValue("maxContains", out var most) ? Keywords.Count(most, "maxContains", path) : int.MaxValue);
            case "unevaluatedItems": return enforcement.Skip(path, name, $"'{name}' is not supported.");
            default: return true;
        }
    }

    private bool Object(JsonObject value, string name, JsonNode? given, SchemaPlace place)
    {
        var path = place.Path;
        switch (name)
        {
            case "required": return Keywords.Texts(given, name, path).TrueForAll(value.ContainsKey);
            case "minProperties": return value.Count >= Keywords.Count(given, name, path);
            case "maxProperties": return value.Count <= Keywords.Count(given, name, path);
            case "properties": return Keywords.Named(place, name).All(entry => !value.TryGetPropertyValue(entry.Key, out var inner) || Holds(inner, entry.Value, path.At(name).At(entry.Key)));
            case "propertyNames": return value.All(entry => Holds(JsonValue.Create(entry.Key), given, path.At(name)));
            case "patternProperties" or "additionalProperties":
                return value.All(entry => applying.Applying(place, entry.Key).All(inner => Holds(entry.Value, inner.Node, inner.Path)));
            case "dependentRequired" or "dependentSchemas" or "dependencies":
                return Keywords.Named(place, name).All(entry => !value.ContainsKey(entry.Key)
                    || (entry.Value is JsonArray names ? Keywords.Texts(names, name, path).TrueForAll(value.ContainsKey) : Holds(value, entry.Value, path.At(name).At(entry.Key))));
            case "unevaluatedProperties": return enforcement.Skip(path, name, $"'{name}' is not supported.");
            default: return true;
        }
    }
}
