using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for objects: what the keywords of several schemas ask of each property together.</summary>
/// <param name="rules">JSON itself.</param>
/// <param name="compile">The rule of schemas that must all hold.</param>
/// <param name="never">The rule that nothing satisfies.</param>
/// <param name="keys">Keys that are no named properties.</param>
/// <param name="applying">Which schemas apply to which.</param>
/// <param name="budget">Bounds the work.</param>
/// <param name="enforcement">Takes what cannot be enforced.</param>
internal sealed class ObjectRules(JsonRules rules, CompileSchemas compile, int never, FreeKeyRules keys, PropertySchemas applying, SchemaBudget budget, Enforcement enforcement)
{
    private const int MostName = 1_000; // characters of a property's name
    private const int MostCounted = 20_000; // places in an object that counts its properties
    private const int MostFree = 256; // free keys, where they are counted

    public int Rule(IReadOnlyList<SchemaPlace> schemas, SchemaPath path)
    {
        int least = schemas.Least("minProperties"), most = schemas.Most("maxProperties");
        if (least > most) throw path.Never($"'minProperties' {least} is more than 'maxProperties' {most}.");
        foreach (var (value, at) in schemas.In("unevaluatedProperties"))
            if (!Keywords.IsTrue(value)) enforcement.Skip(at, "unevaluatedProperties", "'unevaluatedProperties' is not supported.");
        var required = new HashSet<string>(schemas.In("required").SelectMany(static given => Keywords.Texts(given.Value, "required", given.Path)));
        var named = keys.NamesOf(schemas);
        List<string> names = [.. schemas.SelectMany(static schema => Keywords.Named(schema, "properties").Select(static entry => entry.Key)).Concat(required).Concat(named?.Names ?? []).Distinct()];
        var properties = names.ConvertAll(name => Property(name, schemas, required.Contains(name), named, path));
        Func<long, int>? free = label => compile(applying.Applying(schemas, label), path.At("additionalProperties"));
        var others = most <= required.Count ? null : keys.Others(schemas, names, named, label => free(label) == never, path);
        if (others is null) free = null;
        return Counted(properties, others, free, least, most, path);
    }

    private ObjectProperty Property(string name, IReadOnlyList<SchemaPlace> schemas, bool required, KeyNames? named, SchemaPath path)
    {
        budget.Spend(schemas.Count, path);
        if (name.Length > MostName) throw path.Wrong($"a property's name is longer than {MostName} characters.");
        var places = schemas.SelectMany(schema => applying.Applying(schema, name)).ToList();
        var rule = never;
        try
        {
            if (named is null || keys.Allows(named, name)) rule = compile(places, path.At("properties").At(name));
        }
        catch (NeverException) when (!required && places.Count > 1)
        {
            // Each schema makes sense, together they keep the property away.
        }

        if (!required || rule != never) return new ObjectProperty(name, rule, required);
        throw path.Never(schemas.Any(schema => Keywords.Named(schema, "properties").ContainsKey(name))
            ? $"'{name}' is required, but nothing satisfies it."
            : $"'{name}' is required, but is no property and 'additionalProperties' is false.");
    }

    private int Counted(List<ObjectProperty> properties, FreeKeys? others, Func<long, int>? free, int least, int most, SchemaPath path)
    {
        int required = properties.Count(static property => property.Required), possible = properties.Count(property => property.Rule != never);
        if (most < required) throw path.Never($"'maxProperties' {most} is less than the {required} that are required.");
        if (free is null && least > possible) throw path.Never($"'minProperties' {least} is more than the {possible} there may be.");
        if (least <= required) least = 0;
        if (free is null && most >= possible) most = int.MaxValue;
        else if (most < int.MaxValue) most = Math.Min(most, Math.Max(least, possible) + MostFree);
        if ((Math.Min(most, Math.Max(least, 1)) + 1L) * (properties.Count + (free is null ? 1 : 50)) > MostCounted)
        {
            enforcement.Skip(path, least > 0 ? "minProperties" : "maxProperties", "'minProperties' and 'maxProperties' are not supported for so many properties.");
            (least, most) = (0, int.MaxValue);
        }

        return rules.Builder.Rule(new ObjectWriter(rules, properties, never, others is null ? null : new FreeKeyWriter(rules, others, free!, properties), least, most).Start());
    }
}
