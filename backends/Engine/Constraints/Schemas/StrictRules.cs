using System.Text.Json;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>What <c>strict: true</c> asks of a schema beyond being enforceable.</summary>
public static class StrictRules
{
    private const int MostProperties = 5_000;
    private const int MostDepth = 10;
    private const int MostValues = 1_000;
    private const int MostCharacters = 120_000;
    private const int LargeEnum = 250; // values, of one property
    private const int MostLargeEnum = 15_000; // characters of its strings together
    private static readonly string[] NotPermitted = ["allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"];

    /// <exception cref="GrammarException">A rule is broken; the message names the place.</exception>
    public static void Check(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) throw SchemaPath.Root.Wrong("schema must be an object.");
        if (schema.TryGetProperty("anyOf", out _)) throw SchemaPath.Root.Wrong("'anyOf' is not permitted at the root.");
        if (!schema.TryGetProperty("$ref", out _) && !IsObject(schema)) throw SchemaPath.Root.Wrong("schema must have type 'object'.");
        var counts = new Counts();
        Visit(schema, SchemaPath.Root, 1, counts);
        if (counts.Properties > MostProperties) throw SchemaPath.Root.Wrong($"the schema has {counts.Properties} properties, more than {MostProperties}.");
        if (counts.Values > MostValues) throw SchemaPath.Root.Wrong($"the schema has {counts.Values} enum values, more than {MostValues}.");
        if (counts.Characters > MostCharacters) throw SchemaPath.Root.Wrong($"names and values have {counts.Characters} characters, more than {MostCharacters}.");
    }

    private static void Visit(JsonElement schema, SchemaPath path, int depth, Counts counts)
    {
        if (schema.ValueKind != JsonValueKind.Object) return;
        if (depth > MostDepth) throw path.Wrong($"the schema nests deeper than {MostDepth} levels.");
        foreach (var keyword in NotPermitted)
            if (schema.TryGetProperty(keyword, out _)) throw path.Wrong($"'{keyword}' is not permitted.");
        if (IsObject(schema)) CheckObject(schema, path);
        foreach (var keyword in schema.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "properties" or "$defs" or "definitions" when keyword.Value.ValueKind == JsonValueKind.Object:
                    foreach (var inner in keyword.Value.EnumerateObject())
                    {
                        counts.Characters += inner.Name.Length;
                        if (keyword.Name == "properties") counts.Properties++;
                        Visit(inner.Value, path.At(keyword.Name).At(inner.Name), keyword.Name == "properties" ? depth + 1 : 1, counts);
                    }

                    break;
                case "items":
                    Visit(keyword.Value, path.At("items"), depth + 1, counts);
                    break;
                case "anyOf" or "oneOf" or "prefixItems" when keyword.Value.ValueKind == JsonValueKind.Array:
                    foreach (var (at, inner) in keyword.Value.EnumerateArray().Index()) Visit(inner, path.At(keyword.Name).At(at.ToString(System.Globalization.CultureInfo.InvariantCulture)), depth, counts);
                    break;
                case "enum" when keyword.Value.ValueKind == JsonValueKind.Array:
                    counts.Values += keyword.Value.GetArrayLength();
                    var characters = keyword.Value.EnumerateArray().Sum(static value => value.ValueKind == JsonValueKind.String ? value.GetString()!.Length : 0);
                    counts.Characters += characters;
                    if (keyword.Value.GetArrayLength() > LargeEnum && characters > MostLargeEnum)
                        throw path.Wrong($"the strings of 'enum' have {characters} characters, more than the {MostLargeEnum} that more than {LargeEnum} values may have.");
                    break;
                case "const" when keyword.Value.ValueKind == JsonValueKind.String:
                    counts.Characters += keyword.Value.GetString()!.Length;
                    break;
            }
        }
    }

    private static void CheckObject(JsonElement schema, SchemaPath path)
    {
        if (!schema.TryGetProperty("additionalProperties", out var additional) || additional.ValueKind != JsonValueKind.False)
            throw path.Wrong("'additionalProperties' is required to be supplied and to be false.");
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object) return;
        var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(static name => name.ValueKind == JsonValueKind.String).Select(static name => name.GetString()!).ToHashSet() : [];
        foreach (var property in properties.EnumerateObject())
        {
            if (!required.Contains(property.Name))
                throw path.Wrong($"'required' is required to be supplied and to be an array including every key in properties. Missing '{property.Name}'.");
        }
    }

    private static bool IsObject(JsonElement schema) =>
        schema.TryGetProperty("properties", out _) || (schema.TryGetProperty("type", out var type) && (type.ValueKind == JsonValueKind.String
            ? type.ValueEquals("object"u8)
            : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(static one => one.ValueKind == JsonValueKind.String && one.ValueEquals("object"u8))));

    private sealed class Counts
    {
        public int Properties { get; set; }

        public int Values { get; set; }

        public int Characters { get; set; }
    }
}
