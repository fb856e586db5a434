using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Whether of several schemas no two can hold at once, as far as types, constants and properties that must be there tell.</summary>
internal static class Disjoint
{
    public static void Check(IReadOnlyList<JsonObject> options, SchemaPath path, Enforcement enforcement)
    {
        for (var i = 0; i < options.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (!Are(options[i], options[j], path)) enforcement.Skip(path, "oneOf", $"'oneOf' is supported where its schemas exclude each other; {j} and {i} may both hold. Use 'anyOf'.");
            }
        }
    }

    private static bool Are(JsonObject a, JsonObject b, SchemaPath path)
    {
        IReadOnlyList<string> left = Keywords.Types(a, path), right = Keywords.Types(b, path);
        if (!left.Any(type => right.Contains(type) || (type == "number" && right.Contains("integer")) || (type == "integer" && right.Contains("number")))) return true;
        if (Constants(a) is { } ours && Constants(b) is { } theirs && !ours.Any(value => theirs.Any(other => Same(value, other)))) return true;
        if (left is not ["object"] || right is not ["object"] || a["properties"] is not JsonObject first || b["properties"] is not JsonObject second) return false;
        return Keywords.Texts(a, "required", path).Intersect(Keywords.Texts(b, "required", path)).Any(name =>
            first[name] is JsonObject mine && second[name] is JsonObject other && Constants(mine) is { } one && Constants(other) is { } two && !one.Any(value => two.Any(more => Same(value, more))));
    }

    private static bool Same(JsonNode? a, JsonNode? b) => JsonNode.DeepEquals(a, b);

    private static List<JsonNode?>? Constants(JsonObject schema) =>
        schema.TryGetPropertyValue("const", out var constant) ? [constant] : schema["enum"] is JsonArray values ? [.. values] : null;
}
