namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// Whether of several schemas no two can hold at once, as far as types, constants, bounds, and properties that must or must not be there tell.
/// </summary>
internal sealed class Disjoint(SchemaClosure closure, ValueRules values, SchemaBudget budget)
{
    private const int MostDepth = 4;

    /// <summary>Two of them that may both hold, or null. Each is a list of schemas that must all hold.</summary>
    public (int First, int Second)? Overlap(IReadOnlyList<IReadOnlyList<SchemaPlace>> options, SchemaPath path)
    {
        var views = options.Select(View).ToList();
        // Constants, which is the common case, need no pairs.
        var seen = new HashSet<string>();
        if (views.TrueForAll(view => view?.Values is not null && view.Values.All(seen.Add))) return null;
        for (var i = 0; i < views.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                budget.Spend(4, path);
                if (!Are(views[i], views[j], path, 0)) return (j, i);
            }
        }

        return null;
    }

    private bool Are(Seen? a, Seen? b, SchemaPath path, int depth)
    {
        if (a is null || b is null) return true; // one is never satisfied
        var types = a.Types & b.Types;
        if (types == JsonTypes.None) return true;
        if (a.Values is not null && b.Values is not null) return !a.Values.Overlaps(b.Values);
        if ((types & ~JsonTypes.Number) == 0) return Apart(a, b) || Apart(b, a);
        if (types != JsonTypes.Object || depth == MostDepth) return false;
        foreach (var name in a.Required.Concat(b.Required).Distinct())
        {
            budget.Spend(4, path);
            List<SchemaPlace> mine = Applying(a, name), theirs = Applying(b, name);
            var (left, right) = (View(mine), View(theirs));
            // It must be there for one and must not for the other.
            if (left is null || right is null) return true;
            if (a.Required.Contains(name) && b.Required.Contains(name) && Are(left, right, path, depth + 1)) return true;
        }

        return false;
    }

    private static bool Apart(Seen a, Seen b) => a.Most < b.Least;

    private static List<SchemaPlace> Applying(Seen seen, string name)
    {
        var places = new List<SchemaPlace>();
        foreach (var schema in seen.Schemas)
        {
            if (Keywords.Named(schema, "properties").TryGetPropertyValue(name, out var property)) places.Add(new SchemaPlace(property, schema.Path));
            else if (!schema.Keywords.ContainsKey("patternProperties") && schema.Keywords.TryGetPropertyValue("additionalProperties", out var other)) places.Add(new SchemaPlace(other, schema.Path));
        }

        return places;
    }

    private Seen? View(IReadOnlyList<SchemaPlace> places)
    {
        if (closure.Of(places) is not { } schemas) return null;
        double least = double.NegativeInfinity, most = double.PositiveInfinity;
        foreach (var (value, path) in schemas.In("minimum")) least = Math.Max(least, (double)NumberRules.Bound(value, "minimum", path).Floor(0));
        foreach (var (value, path) in schemas.In("maximum")) most = Math.Min(most, (double)NumberRules.Bound(value, "maximum", path).Ceiling(0));
        var constants = values.Listed(schemas);
        var required = schemas.In("required").SelectMany(static given => Keywords.Texts(given.Value, "required", given.Path)).ToHashSet();
        var types = constants?.Aggregate(JsonTypes.None, static (all, value) => all | JsonTypesOf.Value(value)) ?? JsonTypesOf.All(schemas);
        return new Seen(schemas, types, constants?.Select(Canonical.Of).ToHashSet(), required, least, most);
    }

    /// <summary>What tells a schema apart.</summary>
    private sealed record Seen(List<SchemaPlace> Schemas, JsonTypes Types, HashSet<string>? Values, HashSet<string> Required, double Least, double Most);
}
