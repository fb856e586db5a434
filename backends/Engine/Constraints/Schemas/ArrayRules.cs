using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for arrays.</summary>
/// <param name="rules">JSON itself.</param>
/// <param name="compile">The rule of schemas that must all hold.</param>
/// <param name="never">The rule that nothing satisfies.</param>
/// <param name="enforcement">Takes what cannot be enforced.</param>
/// <param name="budget">Bounds the work.</param>
internal sealed class ArrayRules(JsonRules rules, CompileSchemas compile, int never, Enforcement enforcement, SchemaBudget budget)
{
    public int Rule(IReadOnlyList<SchemaPlace> schemas, SchemaPath path)
    {
        int least = schemas.Least("minItems"), most = schemas.Most("maxItems");
        if (least > most) throw path.Never($"'minItems' {least} is more than 'maxItems' {most}.");
        foreach (var schema in schemas) SkipUnenforced(schema, most);
        var prefixes = schemas.Select(Prefix).ToList();
        var rests = schemas.Select(Rest).ToList();
        var first = new List<int>();
        for (var at = 0; at < Math.Min(most, prefixes.Max(static prefix => prefix.Count)); at++)
        {
            budget.Spend(1, path);
            first.Add(compile([.. schemas.Select((_, i) => at < prefixes[i].Count ? prefixes[i][at] : rests[i]).OfType<SchemaPlace>()], path.At("prefixItems", at)));
        }

        var rest = most <= first.Count ? never : compile([.. rests.OfType<SchemaPlace>()], path.At("items"));
        var possible = first.IndexOf(never) is >= 0 and var end ? end : rest == never ? first.Count : int.MaxValue;
        if (least > possible) throw path.Never($"'minItems' {least} is more than the {possible} items there may be.");
        return rules.Builder.Rule(rules.Array(first, rest == never ? -1 : rest, least, most));
    }

    /// <summary>The schemas of the first items. Drafts before 2020-12 have them as <c>items</c>.</summary>
    public static List<SchemaPlace> Prefix(SchemaPlace schema)
    {
        var name = schema.Keywords["items"] is JsonArray && !schema.Keywords.ContainsKey("prefixItems") ? "items" : "prefixItems";
        if (!schema.Keywords.TryGetPropertyValue(name, out var given)) return [];
        var array = given as JsonArray ?? throw schema.Path.Wrong($"'{name}' must be an array.");
        return [.. array.Select((item, at) => new SchemaPlace(item, schema.Path.At(name, at)))];
    }

    /// <summary>The schema of the items after them; null for any.</summary>
    public static SchemaPlace? Rest(SchemaPlace schema)
    {
        var name = schema.Keywords["items"] is JsonArray ? "additionalItems" : "items";
        return schema.Keywords.TryGetPropertyValue(name, out var given) ? new SchemaPlace(given, schema.Path.At(name)) : null;
    }

    private void SkipUnenforced(SchemaPlace schema, int most)
    {
        if (most > 1 && schema.Keywords.TryGetPropertyValue("uniqueItems", out var unique) && !Keywords.IsFalse(unique))
            enforcement.Skip(schema.Path, "uniqueItems", "'uniqueItems' is not supported.");
        if (schema.Keywords.ContainsKey("contains")) enforcement.Skip(schema.Path, "contains", "'contains' is not supported.");
        if (schema.Keywords.TryGetPropertyValue("unevaluatedItems", out var others) && !Keywords.IsTrue(others))
            enforcement.Skip(schema.Path, "unevaluatedItems", "'unevaluatedItems' is not supported.");
    }
}

/// <summary>The rule of schemas that must all hold.</summary>
internal delegate int CompileSchemas(IReadOnlyList<SchemaPlace> schemas, SchemaPath path);
