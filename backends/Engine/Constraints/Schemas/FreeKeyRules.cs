using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Texts;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>What <c>propertyNames</c> says of keys.</summary>
/// <param name="Schemas">It, closed.</param>
/// <param name="Names">The only keys there are; null where they are not listed.</param>
internal sealed record KeyNames(List<SchemaPlace> Schemas, List<string>? Names);

/// <summary>Keys that are no named properties.</summary>
/// <param name="Product">Which there are, and as bits of their labels which patterns they match; null where any is.</param>
internal sealed record FreeKeys(TextProduct? Product);

/// <summary>Which keys an object may have beside its named properties, and which schemas apply to them.</summary>
internal sealed class FreeKeyRules(SchemaClosure closure, PropertySchemas applying, StringRules strings, ValueRules values, SchemaJudge judge, Enforcement enforcement)
{
    private const int MostStates = 5_000;
    private const int MostPatterns = 60; // bits of a label
    private static readonly string[] OfNames = ["type", "enum", "const", "pattern", "format", "minLength", "maxLength"];

    public KeyNames? NamesOf(IReadOnlyList<SchemaPlace> schemas)
    {
        var places = schemas.In("propertyNames").Select(static given => new SchemaPlace(given.Value, given.Path.At("propertyNames"))).ToList();
        if (places.Count == 0) return null;
        if (closure.Of(places) is not { } all || (JsonTypesOf.All(all) & JsonTypes.String) == 0) return new KeyNames([], []);
        if (values.Values(all) is { } listed) return new KeyNames(all, [.. listed.Select(Keywords.Text).OfType<string>().Distinct()]);
        if (all.Find(static one => Keywords.Narrows(one.Keywords, OfNames)) is { } other)
        {
            enforcement.Skip(other.Path.Parent!, other.Path.Name, "'propertyNames' is supported for enum, const, pattern, format and lengths only.");
            return null;
        }

        return new KeyNames(all, null);
    }

    /// <summary>Whether <c>propertyNames</c> lets a key be.</summary>
    public bool Allows(KeyNames names, string name) => names.Names?.Contains(name) ?? names.Schemas.TrueForAll(schema => judge.Holds(JsonValue.Create(name), schema.Node, schema.Path));

    /// <summary>The keys beside the named ones; null where there are none.</summary>
    /// <param name="schemas">The object's.</param>
    /// <param name="taken">The named ones.</param>
    /// <param name="names">What <c>propertyNames</c> says.</param>
    /// <param name="isNever">Whether no value may stand under keys of a label.</param>
    /// <param name="path">Where the object is.</param>
    public FreeKeys? Others(IReadOnlyList<SchemaPlace> schemas, List<string> taken, KeyNames? names, Func<long, bool> isNever, SchemaPath path)
    {
        if (names?.Names is not null) return null;
        var patterns = applying.Patterns(schemas).Select(static pattern => pattern.Machine).ToList();
        if (names is null && patterns.Count == 0) return isNever(0) ? null : new FreeKeys(null);
        if (patterns.Count > MostPatterns) throw path.Wrong($"more than {MostPatterns} 'patternProperties' are not supported.");
        var required = new List<ITextMachine> { new WordsMachine(taken, not: true) };
        if (names is not null)
        {
            required.Add(new LengthMachine(names.Schemas.Least("minLength"), names.Schemas.Most("maxLength")));
            required.AddRange(strings.Machines(names.Schemas).Select(static machine => machine.Machine));
        }

        try
        {
            // A key that others can use up would leave an answer nowhere to go: there must always be one more.
            var product = TextProduct.Of(required, patterns, MostStates).Without(isNever);
            var endless = Endless(product);
            if (!endless.IsEmpty || product.IsEmpty) return endless.IsEmpty ? null : new FreeKeys(endless);
            enforcement.Skip(path, patterns.Count > 0 ? "patternProperties" : "propertyNames", "patterns of keys are supported where each beginning of a key has endless ways to go on, and lists of keys as 'enum'.");
        }
        catch (GrammarException wrong) when (wrong is not (NeverException or BudgetException))
        {
            enforcement.Skip(path, patterns.Count > 0 ? "patternProperties" : "propertyNames", wrong.Message);
        }

        return isNever(0) ? null : new FreeKeys(null);
    }

    // Only states from which there is no end of keys, until nothing changes: leaving others out may make more of them finite.
    private static TextProduct Endless(TextProduct product)
    {
        while (true)
        {
            var keep = new bool[product.Steps.Count];
            var waiting = product.Steps.Select(static steps => steps.Select(static step => step.Target).Distinct().Count()).ToArray();
            var back = product.Steps.Select(static _ => new List<int>()).ToList();
            for (var state = 0; state < keep.Length; state++)
                foreach (var target in product.Steps[state].Select(static step => step.Target).Distinct()) back[target].Add(state);
            Array.Fill(keep, true);
            var ends = new Stack<int>(Enumerable.Range(0, keep.Length).Where(state => waiting[state] == 0));
            while (ends.TryPop(out var end))
            {
                keep[end] = false;
                foreach (var from in back[end])
                    if (--waiting[from] == 0) ends.Push(from);
            }

            if (Array.TrueForAll(keep, static kept => kept)) return product;
            product = product.Trimmed((from, to) => keep[from] && keep[to]);
        }
    }
}
