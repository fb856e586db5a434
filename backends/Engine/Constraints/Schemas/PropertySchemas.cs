using Gateway.Engine.Constraints.Texts;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Which schemas of an object apply to which of its keys.</summary>
internal sealed class PropertySchemas(StringRules strings)
{
    /// <summary>The schemas that apply to a named key.</summary>
    public IEnumerable<SchemaPlace> Applying(SchemaPlace schema, string name)
    {
        var found = false;
        if (Keywords.Named(schema, "properties").TryGetPropertyValue(name, out var property))
        {
            found = true;
            yield return new SchemaPlace(property, schema.Path.At("properties").At(name));
        }

        foreach (var (machine, place, _) in Patterns([schema]))
        {
            if (!TextProduct.Matches(machine, name)) continue;
            found = true;
            yield return place;
        }

        if (!found && schema.Keywords.TryGetPropertyValue("additionalProperties", out var additional)) yield return new SchemaPlace(additional, schema.Path.At("additionalProperties"));
    }

    /// <summary>The schemas that apply to a free key with a label.</summary>
    public List<SchemaPlace> Applying(IReadOnlyList<SchemaPlace> schemas, long label)
    {
        var matched = Patterns(schemas).Index().Where(pattern => (label >> pattern.Index & 1) != 0).Select(static pattern => (pattern.Item.Place, pattern.Item.Owner)).ToList();
        return
        [
            .. matched.Select(static pattern => pattern.Place),
            .. schemas.Where(schema => schema.Keywords.ContainsKey("additionalProperties") && !matched.Exists(pattern => pattern.Owner == schema))
                .Select(static schema => new SchemaPlace(schema.Keywords["additionalProperties"], schema.Path.At("additionalProperties"))),
        ];
    }

    /// <summary>The patterns of keys, in an order that a label's bits go by.</summary>
    public IEnumerable<(ITextMachine Machine, SchemaPlace Place, SchemaPlace Owner)> Patterns(IReadOnlyList<SchemaPlace> schemas)
    {
        foreach (var schema in schemas)
        {
            foreach (var (source, inner) in Keywords.Named(schema, "patternProperties"))
            {
                if (strings.Machine("pattern", source, "patternProperties", schema.Path) is { } machine)
                    yield return (machine, new SchemaPlace(inner, schema.Path.At("patternProperties").At(source)), schema);
            }
        }
    }
}
