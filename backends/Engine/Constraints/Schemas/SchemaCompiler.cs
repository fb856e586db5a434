using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// JSON Schema, draft 2020-12, to rules. The language written is never wider than the schema's. A rule belongs to a set of schemas that must
/// all hold, however it came about, so that references may recurse through any combination: there are only so many sets. Work is bounded.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int MostDepth = 128;
    private readonly AutomatonBuilder builder;
    private readonly SchemaBudget budget;
    private readonly JsonRules rules;
    private readonly SchemaClosure closure;
    private readonly StringRules strings;
    private readonly NumberRules numbers;
    private readonly ValueRules values;
    private readonly ArrayRules arrays;
    private readonly ObjectRules objects;
    private readonly Alternatives alternatives;
    private readonly JsonNode? root;
    private readonly Dictionary<string, int> known = [];
    private readonly Dictionary<JsonNode, int> numbered = [];
    private readonly List<(int Rule, SchemaPath Path)> whole = []; // rules of schemas no part of which was a choice
    private readonly int never;
    private int depth;

    /// <param name="builder">Takes the rules.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="unenforced">Takes the keywords that do not bind; null refuses them, as <see cref="Grammar.OfSchema"/> has it.</param>
    /// <param name="budget">Steps that it may take; by default what any schema may.</param>
    public SchemaCompiler(AutomatonBuilder builder, JsonElement schema, ICollection<string>? unenforced = null, SchemaBudget? budget = null)
    {
        this.builder = builder;
        this.budget = budget ?? new SchemaBudget();
        rules = new JsonRules(builder);
        never = builder.Rule(builder.State());
        var enforcement = new Enforcement(unenforced);
        var references = new SchemaReferences(schema);
        root = references.Root;
        closure = new SchemaClosure(references, this.budget);
        strings = new StringRules(rules, enforcement, this.budget);
        numbers = new NumberRules(rules);
        var applying = new PropertySchemas(strings);
        var judge = new SchemaJudge(references, strings, applying, enforcement, this.budget);
        values = new ValueRules(builder, judge);
        arrays = new ArrayRules(rules, Compile, never, enforcement, this.budget);
        objects = new ObjectRules(rules, Compile, never, new FreeKeyRules(closure, applying, strings, values, judge, enforcement), applying, this.budget, enforcement);
        alternatives = new Alternatives(closure, new Disjoint(closure, values, this.budget), enforcement);
    }

    /// <summary>The rule of the whole schema.</summary>
    public int Root()
    {
        var rule = Compile([new SchemaPlace(root, SchemaPath.Root)], SchemaPath.Root);
        if (rule == never) throw SchemaPath.Root.Never("nothing satisfies 'false'.");
        // What has no end says so here, even where it may stay away.
        var productive = Closure.Productive(builder);
        foreach (var (own, path) in whole)
            if (!productive[builder.StartOf(own)]) throw path.Never("nothing satisfies the schema: it asks for itself without end, or for what cannot be.");
        return rule;
    }

    private int Compile(IReadOnlyList<SchemaPlace> places, SchemaPath path) => Compile(places, [], path);

    /// <param name="places">Schemas that must all hold.</param>
    /// <param name="chosen">Alternatives among them that have been chosen: the choices are among <paramref name="places"/>.</param>
    /// <param name="path">Where they are.</param>
    private int Compile(IReadOnlyList<SchemaPlace> places, HashSet<JsonNode> chosen, SchemaPath path)
    {
        if (closure.Of(places) is not { } all) return never;
        var schemas = all.FindAll(schema => !Alternatives.IsOnlyChosen(schema.Keywords, chosen));
        if (schemas.Count == 0) return rules.Value();
        budget.Spend(schemas.Count, path);
        var key = KeyOf(schemas, chosen);
        if (known.TryGetValue(key, out var compiled)) return compiled;
        var rule = known[key] = builder.DeclareRule();
        if (++depth > MostDepth) throw path.Wrong($"the schema nests deeper than {MostDepth} levels.");
        try
        {
            var options = Options(schemas, chosen, path);
            builder.DefineRule(rule, rules.Union(options));
            if (chosen.Count == 0) whole.Add((rule, path));
            return rule;
        }
        catch (NeverException)
        {
            builder.DefineRule(rule, builder.StartOf(never));
            known.Remove(key);
            throw;
        }
        finally
        {
            depth--;
        }
    }

    private List<int> Options(List<SchemaPlace> schemas, HashSet<JsonNode> chosen, SchemaPath path)
    {
        if (values.Rule(schemas, path) is { } constants) return [constants];
        if (alternatives.Next(schemas, chosen) is { } group) return Chosen(group, schemas, chosen, path);
        var types = alternatives.Types(schemas, path);
        var options = new List<int>();
        NeverException? reason = null;
        foreach (var type in (ReadOnlySpan<JsonTypes>)[JsonTypes.Object, JsonTypes.Array, JsonTypes.String, JsonTypes.Whole, JsonTypes.Boolean, JsonTypes.Null])
        {
            if ((types & type) == 0) continue;
            try
            {
                options.Add(OfType(type, (types & JsonTypes.Fraction) != 0, schemas, path));
            }
            catch (NeverException wrong) when (types != type)
            {
                reason = wrong;
            }
        }

        return options.Count > 0 ? options : throw reason ?? path.Never("no type satisfies all of the schemas.");
    }

    // Beside other schemas an alternative may turn out to be none; by itself it has to make sense.
    private List<int> Chosen(AlternativeGroup group, List<SchemaPlace> schemas, HashSet<JsonNode> chosen, SchemaPath path)
    {
        HashSet<JsonNode> then = [.. chosen, group.Node];
        var alone = schemas.TrueForAll(schema => Alternatives.IsOnlyChosen(schema.Keywords, then));
        var options = new List<int>();
        NeverException? reason = null;
        foreach (var option in group.Options)
        {
            try
            {
                var rule = alone ? Compile(option, option[0].Path) : Compile([.. schemas, .. option], then, option[0].Path);
                if (rule != never && !options.Contains(rule)) options.Add(rule);
            }
            catch (NeverException wrong) when (!alone)
            {
                reason = wrong;
            }
        }

        return options.Count > 0 ? options : throw reason ?? path.Never($"none of the schemas of '{group.Keyword}' can be satisfied.");
    }

    private int OfType(JsonTypes type, bool fractions, List<SchemaPlace> schemas, SchemaPath path) => type switch
    {
        JsonTypes.Null => rules.Literal("null"u8),
        JsonTypes.Boolean => builder.Rule(rules.Union([rules.Literal("true"u8), rules.Literal("false"u8)])),
        JsonTypes.String => strings.Rule(schemas, path),
        JsonTypes.Whole => numbers.Rule(schemas, !fractions, path),
        JsonTypes.Array => arrays.Rule(schemas, path),
        _ => objects.Rule(schemas, path),
    };

    private string KeyOf(List<SchemaPlace> schemas, HashSet<JsonNode> chosen)
    {
        var ids = schemas.Select(schema => Number(schema.Node!)).Order();
        var choices = schemas.SelectMany(schema => Alternatives.In(schema.Keywords)).Where(chosen.Contains).Select(Number).Order();
        return $"{string.Join(',', ids)}|{string.Join(',', choices)}";
    }

    private int Number(JsonNode node)
    {
        if (!numbered.TryGetValue(node, out var number)) numbered[node] = number = numbered.Count;
        return number;
    }
}
