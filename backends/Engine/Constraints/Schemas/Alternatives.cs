using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Schemas of which one must hold.</summary>
/// <param name="Node">What stands for the group: the keyword's value.</param>
/// <param name="Keyword">Its name.</param>
/// <param name="Options">By option the schemas that must hold.</param>
internal sealed record AlternativeGroup(JsonNode Node, string Keyword, IReadOnlyList<IReadOnlyList<SchemaPlace>> Options);

/// <summary>What leaves a choice: <c>anyOf</c>, <c>oneOf</c> whose schemas exclude each other, and properties that depend on others.</summary>
internal sealed class Alternatives(SchemaClosure closure, Disjoint disjoint, Enforcement enforcement)
{
    private static readonly string[] Grouping = ["anyOf", "oneOf", "dependentRequired", "dependentSchemas", "dependencies"];
    private readonly Dictionary<JsonNode, JsonArray> dependent = []; // made once, so that they stay the same schemas

    /// <summary>The groups of a schema.</summary>
    public static IEnumerable<JsonNode> In(JsonObject schema)
    {
        foreach (var keyword in Grouping)
        {
            if (!schema.TryGetPropertyValue(keyword, out var given)) continue;
            if (given is JsonArray options) yield return options;
            if (given is not JsonObject triggers) continue;
            foreach (var (_, inner) in triggers)
                if (inner is not null) yield return inner;
        }
    }

    /// <summary>Whether nothing is left of a schema but choices that have been made.</summary>
    public static bool IsOnlyChosen(JsonObject schema, HashSet<JsonNode> chosen) =>
        chosen.Count > 0 && In(schema).All(chosen.Contains) && !Keywords.Narrows(schema, Grouping);

    /// <summary>The next choice to be made, or null.</summary>
    public AlternativeGroup? Next(List<SchemaPlace> schemas, HashSet<JsonNode> chosen)
    {
        foreach (var schema in schemas)
        {
            foreach (var keyword in Grouping)
            {
                if (!schema.Keywords.TryGetPropertyValue(keyword, out var given)) continue;
                var group = keyword is "anyOf" or "oneOf" ? Listed(schemas, schema, keyword, given, chosen) : Depending(schema, keyword, chosen);
                if (group is not null) return group;
            }
        }

        return null;
    }

    /// <summary>The types that remain, <c>not</c> included where that is all it speaks of.</summary>
    public JsonTypes Types(List<SchemaPlace> schemas, SchemaPath path)
    {
        var types = JsonTypesOf.All(schemas);
        foreach (var schema in schemas)
        {
            if (schema.Keywords.TryGetPropertyValue("not", out var not)) types &= Without(schema, not, types);
            if (schema.Keywords.TryGetPropertyValue("if", out _) && (schema.Keywords.ContainsKey("then") || schema.Keywords.ContainsKey("else")))
                enforcement.Skip(schema.Path, "if", "'if' is not supported.");
            if (schema.Keywords.ContainsKey("$recursiveRef")) enforcement.Skip(schema.Path, "$recursiveRef", "'$recursiveRef' is not supported.");
        }

        return types;
    }

    private JsonTypes Without(SchemaPlace schema, JsonNode? not, JsonTypes types)
    {
        if (closure.Of([new SchemaPlace(not, schema.Path.At("not"))]) is not { } excluded) return types;
        var others = JsonTypesOf.All(excluded);
        if ((types & others) == 0) return types;
        var speaksOfTypes = excluded.TrueForAll(static one => !Keywords.Narrows(one.Keywords, ["type"]));
        // A number that is not whole has no rule of its own.
        if (speaksOfTypes && (types & ~others & JsonTypes.Number) != JsonTypes.Fraction) return types & ~others;
        enforcement.Skip(schema.Path, "not", "'not' is supported for types only.");
        return types;
    }

    private AlternativeGroup? Listed(List<SchemaPlace> schemas, SchemaPlace schema, string keyword, JsonNode? given, HashSet<JsonNode> chosen)
    {
        if (given is not null && chosen.Contains(given)) return null;
        var options = Keywords.Options(given, keyword, schema).ToList();
        if (keyword == "oneOf" && options.Count > 1 && disjoint.Overlap([.. options.Select(option => new List<SchemaPlace>([.. schemas, option]))], schema.Path) is var (first, second))
            enforcement.Skip(schema.Path, keyword, $"'oneOf' is supported where its schemas exclude each other; {first} and {second} may both hold. Use 'anyOf'.");
        return new AlternativeGroup(given!, keyword, [.. options.Select(static option => new[] { option })]);
    }

    // Either the property stays away, or what depends on it holds.
    private AlternativeGroup? Depending(SchemaPlace schema, string keyword, HashSet<JsonNode> chosen)
    {
        foreach (var (name, given) in Keywords.Named(schema, keyword))
        {
            var path = schema.Path.At(keyword).At(name);
            if (given is null) throw path.Wrong("a schema or an array of strings is wanted here.");
            if (chosen.Contains(given)) continue;
            if (!dependent.TryGetValue(given, out var made))
            {
                var needed = given is JsonArray ? Keywords.Texts(given, keyword, path) : [];
                made = dependent[given] =
                [
                    new JsonObject { ["properties"] = new JsonObject { [name] = false } },
                    new JsonObject { ["required"] = new JsonArray([.. needed.Prepend(name).Distinct().Select(static text => (JsonNode)text)]) },
                ];
            }

            SchemaPlace away = new(made[0], path, schema), there = new(made[1], path, schema);
            return new AlternativeGroup(given, keyword, [[away], given is JsonArray ? [there] : [there, new SchemaPlace(given, path, schema)]]);
        }

        return null;
    }
}
