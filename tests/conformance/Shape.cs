using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Conformance.Tests;

/// <summary>The paths of JSON values with the kinds of values found there; items of lists, and of several values, share a path.</summary>
internal sealed class Shape
{
    private readonly SortedDictionary<string, SortedSet<string>> kinds = new(StringComparer.Ordinal);

    public static Shape Of(IEnumerable<JsonNode?> values)
    {
        var shape = new Shape();
        foreach (var value in values) shape.Add("$", value);
        return shape;
    }

    /// <summary>Paths of another shape that this one lacks, and those whose kinds have nothing in common.</summary>
    public IEnumerable<string> Missing(Shape other)
    {
        foreach (var (path, theirs) in other.kinds)
        {
            if (!kinds.TryGetValue(path, out var ours))
            {
                // What stands in a list or an object that is empty or null here cannot be compared.
                if (!Open(path)) yield return $"{path}: {string.Join('|', theirs)}";
            }
            else if (!ours.Overlaps(theirs))
            {
                yield return $"{path}: {string.Join('|', theirs)} and not {string.Join('|', ours)}";
            }
        }
    }

    private bool Open(string path)
    {
        var parent = path.EndsWith("[]", StringComparison.Ordinal) ? path[..^2] : path[..path.LastIndexOf('.')];
        if (!kinds.TryGetValue(parent, out var found)) return parent != "$" && Open(parent);
        return path.EndsWith("[]", StringComparison.Ordinal) || !found.Contains("object");
    }

    private void Add(string path, JsonNode? value)
    {
        var kind = value is null ? "null" : value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            _ => "boolean",
        };
        if (!kinds.TryGetValue(path, out var found)) kinds[path] = found = [];
        found.Add(kind);
        if (value is JsonObject obj)
        {
            foreach (var (name, child) in obj) Add($"{path}.{name}", child);
        }
        else if (value is JsonArray array)
        {
            foreach (var item in array) Add($"{path}[]", item);
        }
    }
}
