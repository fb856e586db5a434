using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Makes one schema of several that must all hold.</summary>
internal sealed class SchemaMerge(SchemaReferences references, Enforcement enforcement)
{
    private const int MostDepth = 64;
    private const int MostSteps = 20_000;
    private static readonly string[] Lower = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
    private static readonly string[] Upper = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
    private int depth;
    private int steps;

    /// <summary>The schema without <c>$ref</c> and <c>allOf</c>.</summary>
    public JsonObject Flatten(JsonNode? schema, SchemaPath path)
    {
        if (++depth > MostDepth || ++steps > MostSteps) throw path.Wrong("the schema's references go round in a circle, or are too many.");
        try
        {
            if (schema is JsonValue flag && flag.GetValueKind() == JsonValueKind.True) return [];
            var given = schema as JsonObject ?? throw path.Wrong("a schema must be an object here.");
            var flat = (JsonObject)given.DeepClone();
            flat.Remove("$ref");
            flat.Remove("allOf");
            flat.Remove("$defs");
            flat.Remove("definitions");
            if (given.TryGetPropertyValue("$ref", out var reference)) flat = Both(flat, Flatten(references.Resolve(reference, path).Target, path), path);
            if (given.TryGetPropertyValue("allOf", out var all))
            {
                if (all is not JsonArray { Count: > 0 } parts) throw path.Wrong("'allOf' must be an array with at least one schema.");
                foreach (var (at, part) in parts.Index()) flat = Both(flat, Flatten(part, path.At("allOf").At($"{at}")), path);
            }

            return flat;
        }
        finally
        {
            depth--;
        }
    }

    /// <summary>A schema that holds where both do; both are flat.</summary>
    public JsonObject Both(JsonObject a, JsonObject b, SchemaPath path)
    {
        if (++steps > MostSteps) throw path.Wrong("the schema's combinations are too many.");
        var both = (JsonObject)a.DeepClone();
        Close(both, b);
        foreach (var (name, theirs) in b)
        {
            if (name is "properties" or "additionalProperties") continue;
            if (!both.TryGetPropertyValue(name, out var ours)) both[name] = theirs?.DeepClone();
            else if (!JsonNode.DeepEquals(ours, theirs)) both[name] = Combined(name, a, b, path);
        }

        Properties(both, a, b);
        return both;
    }

    private JsonNode? Combined(string name, JsonObject a, JsonObject b, SchemaPath path)
    {
        JsonNode? ours = a[name], theirs = b[name];
        if (Lower.Contains(name)) return (Value(ours, name, path) >= Value(theirs, name, path) ? ours : theirs)!.DeepClone();
        if (Upper.Contains(name)) return (Value(ours, name, path) <= Value(theirs, name, path) ? ours : theirs)!.DeepClone();
        switch (name)
        {
            case "type":
                var types = Keywords.Types(a, path).Intersect(Keywords.Types(b, path)).ToList();
                // A whole number is a number.
                if (Mixed(a, b) || Mixed(b, a)) types.Add("integer");
                return types.Count > 0 ? new JsonArray([.. types.Select(static type => (JsonNode)type)]) : throw path.Wrong("no type satisfies all of the schemas.");
            case "required":
                return new JsonArray([.. Keywords.Texts(a, name, path).Union(Keywords.Texts(b, name, path)).Select(static text => (JsonNode)text)]);
            case "enum" when ours is JsonArray left && theirs is JsonArray right:
                return new JsonArray([.. left.Where(value => right.Any(other => JsonNode.DeepEquals(value, other))).Select(static value => value?.DeepClone())]);
            case "items":
                return new JsonObject { ["allOf"] = new JsonArray(ours?.DeepClone(), theirs?.DeepClone()) };
            default:
                if (Keywords.Narrowing(new JsonObject { [name] = true }).Any()) enforcement.Skip(path, name, $"two different '{name}' that must both hold are not supported.");
                return ours?.DeepClone();
        }

        bool Mixed(JsonObject one, JsonObject other) => Keywords.Types(one, path).Contains("integer") && Keywords.Types(other, path).Contains("number");
    }

    private static double Value(JsonNode? bound, string name, SchemaPath path) =>
        bound is JsonValue && bound.GetValueKind() == JsonValueKind.Number ? bound.GetValue<double>() : throw path.Wrong($"'{name}' must be a number.");

    // A property that only one of them names is an additional one to the other.
    private static void Properties(JsonObject both, JsonObject a, JsonObject b)
    {
        if (a["properties"] is not JsonObject && b["properties"] is not JsonObject) return;
        JsonObject ours = a["properties"] as JsonObject ?? [], theirs = b["properties"] as JsonObject ?? [];
        var merged = new JsonObject();
        foreach (var name in ours.Select(static entry => entry.Key).Union(theirs.Select(static entry => entry.Key)))
        {
            var mine = ours.TryGetPropertyValue(name, out var left) ? left : a["additionalProperties"] ?? true;
            var other = theirs.TryGetPropertyValue(name, out var right) ? right : b["additionalProperties"] ?? true;
            merged[name] = Both(mine, other);
        }

        both["properties"] = merged;
    }

    private static void Close(JsonObject both, JsonObject b)
    {
        if (!b.ContainsKey("additionalProperties")) return;
        both["additionalProperties"] = both.ContainsKey("additionalProperties") ? Both(both["additionalProperties"], b["additionalProperties"]) : b["additionalProperties"]?.DeepClone();
    }

    private static JsonNode? Both(JsonNode? a, JsonNode? b)
    {
        if (Is(a, JsonValueKind.False) || Is(b, JsonValueKind.False)) return false;
        if (Is(a, JsonValueKind.True)) return b?.DeepClone();
        if (Is(b, JsonValueKind.True) || JsonNode.DeepEquals(a, b)) return a?.DeepClone();
        return new JsonObject { ["allOf"] = new JsonArray(a?.DeepClone(), b?.DeepClone()) };

        static bool Is(JsonNode? node, JsonValueKind kind) => node is JsonValue value && value.GetValueKind() == kind;
    }
}
