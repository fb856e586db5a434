using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// Follows <c>$ref</c> and <c>allOf</c>: of schemas that must all hold, it makes the list of all that must hold, each once. Nothing is copied.
/// </summary>
internal sealed class SchemaClosure(SchemaReferences references, SchemaBudget budget)
{
    private const int MostDepth = 128;

    /// <returns>The schemas that say something of their own; null where one is <c>false</c>.</returns>
    public List<SchemaPlace>? Of(IEnumerable<SchemaPlace> places)
    {
        var found = new List<SchemaPlace>();
        var seen = new HashSet<JsonNode>();
        foreach (var place in places)
            if (!Visit(place, found, seen)) return null;
        return found;
    }

    private bool Visit(SchemaPlace place, List<SchemaPlace> found, HashSet<JsonNode> seen)
    {
        budget.Spend(1, place.Path);
        if (place.Node is JsonValue flag && flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False) return flag.GetValueKind() == JsonValueKind.True;
        var schema = place.Node as JsonObject ?? throw place.Path.Wrong("a schema must be an object or a boolean.");
        var depth = 0;
        for (var at = place.Under; at is not null; at = at.Under)
        {
            if (ReferenceEquals(at.Node, schema)) throw place.Path.Wrong("the schema's references go round in a circle.");
            if (++depth > MostDepth) throw place.Path.Wrong($"more than {MostDepth} references and combinations lead to one another.");
        }

        if (!seen.Add(schema)) return true;
        if (Schemas.Keywords.Narrows(schema)) found.Add(place);
        foreach (var keyword in (ReadOnlySpan<string>)["$ref", "$dynamicRef"])
        {
            if (!schema.TryGetPropertyValue(keyword, out var reference)) continue;
            if (!Visit(new SchemaPlace(references.Resolve(schema, keyword, reference, place.Path), place.Path.At(keyword), place), found, seen)) return false;
        }

        if (!schema.TryGetPropertyValue("allOf", out var all)) return true;
        foreach (var part in Schemas.Keywords.Options(all, "allOf", place))
            if (!Visit(part, found, seen)) return false;
        return true;
    }
}
