using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// JSON Schema, draft 2020-12, to rules. What cannot be enforced is refused with its place: the language written is never wider than the
/// schema's. Work is bounded, since references can multiply.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int MostDepth = 128;
    private const int MostSchemas = 50_000;
    private const int MostName = 1_000; // characters of a property's name
    private readonly AutomatonBuilder builder;
    private readonly JsonRules rules;
    private readonly SchemaMerge merge;
    private readonly StringRules strings;
    private readonly NumberRules numbers;
    private readonly Enforcement enforcement;
    private readonly SchemaReferences references;
    private readonly Dictionary<string, int> named = []; // rules of reference targets
    private int schemas;
    private int depth;

    /// <param name="builder">Takes the rules.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="unenforced">Takes the keywords that do not bind; null refuses them, as <see cref="Grammar.OfSchema"/> has it.</param>
    public SchemaCompiler(AutomatonBuilder builder, JsonElement schema, ICollection<string>? unenforced = null)
    {
        this.builder = builder;
        enforcement = new Enforcement(unenforced);
        rules = new JsonRules(builder);
        strings = new StringRules(rules, enforcement);
        numbers = new NumberRules(rules, enforcement);
        references = new SchemaReferences(schema);
        merge = new SchemaMerge(references, enforcement);
    }

    public int Root() => Compile(references.Root, SchemaPath.Root);

    private int Compile(JsonNode? schema, SchemaPath path)
    {
        if (++schemas > MostSchemas) throw path.Wrong("the schema is too large once its references are followed.");
        if (++depth > MostDepth) throw path.Wrong($"the schema nests deeper than {MostDepth} levels.");
        try
        {
            if (schema is JsonValue value && value.GetValueKind() == JsonValueKind.True) return rules.Value();
            if (schema is JsonValue never && never.GetValueKind() == JsonValueKind.False) return builder.Rule(builder.State());
            var given = schema as JsonObject ?? throw path.Wrong("a schema must be an object or a boolean.");
            if (!given.TryGetPropertyValue("$ref", out var reference)) return Flat(merge.Flatten(given, path), path);
            // A reference alone is a call, which is how schemas recurse.
            return Keywords.Narrowing(given).Any(static name => name != "$ref") ? Flat(merge.Flatten(given, path), path) : Named(reference, path);
        }
        finally
        {
            depth--;
        }
    }

    private int Named(JsonNode? reference, SchemaPath path)
    {
        var (pointer, target) = references.Resolve(reference, path);
        if (named.TryGetValue(pointer, out var known)) return known;
        var rule = named[pointer] = builder.DeclareRule();
        var inner = Compile(target, path.At("$ref"));
        int start = builder.State(), end = builder.State(StateMarks.Final);
        builder.Call(start, inner, end);
        builder.DefineRule(rule, start);
        return rule;
    }

    private int Flat(JsonObject schema, SchemaPath path)
    {
        Keywords.SkipUnenforced(schema, path, enforcement);
        foreach (var keyword in (string[])["anyOf", "oneOf"])
        {
            if (!schema.TryGetPropertyValue(keyword, out var given)) continue;
            if (given is not JsonArray { Count: > 0 } options) throw path.Wrong($"'{keyword}' must be an array with at least one schema.");
            var rest = (JsonObject)schema.DeepClone();
            rest.Remove(keyword);
            if (keyword == "oneOf") Disjoint.Check([.. options.Select((option, at) => merge.Flatten(option, path.At("oneOf").At($"{at}")))], path, enforcement);
            var plain = !Keywords.Narrowing(rest).Any();
            var choices = options.Select((option, at) =>
            {
                var place = path.At(keyword).At($"{at}");
                return plain ? Compile(option, place) : Flat(merge.Both(rest, merge.Flatten(option, place), place), place);
            }).ToList();
            return builder.Rule(rules.Union(choices));
        }

        if (schema.ContainsKey("const") || schema.ContainsKey("enum")) return Values(schema, path);
        var types = Keywords.Types(schema, path);
        var alternatives = types.Select(type => OfType(type, schema, path)).ToList();
        return alternatives.Count == 1 ? alternatives[0] : builder.Rule(rules.Union(alternatives));
    }

    private int OfType(string type, JsonObject schema, SchemaPath path) => type switch
    {
        "null" => rules.Literal("null"u8),
        "boolean" => builder.Rule(rules.Union([rules.Literal("true"u8), rules.Literal("false"u8)])),
        "string" => strings.Rule(schema, path),
        "integer" => numbers.Integer(schema, path),
        "number" => numbers.Number(schema, path),
        "array" => ArrayOf(schema, path),
        _ => ObjectOf(schema, path),
    };

    private int ArrayOf(JsonObject schema, SchemaPath path)
    {
        var least = Keywords.Count(schema, "minItems", path) ?? 0;
        var most = Keywords.Count(schema, "maxItems", path) ?? int.MaxValue;
        if (least > most) throw path.Wrong($"'minItems' {least} is more than 'maxItems' {most}.");
        var first = (schema["prefixItems"] switch
        {
            null => [],
            JsonArray array => array.Select((item, at) => Compile(item, path.At("prefixItems").At($"{at}"))),
            _ => throw path.Wrong("'prefixItems' must be an array."),
        }).ToList();
        var closed = schema["items"] is JsonValue flag && flag.GetValueKind() == JsonValueKind.False;
        var rest = closed ? -1 : schema.TryGetPropertyValue("items", out var items) ? Compile(items, path.At("items")) : rules.Value();
        if (closed && least > first.Count) throw path.Wrong($"'minItems' {least} is more than the {first.Count} items there may be.");
        return builder.Rule(rules.Array(first, rest, least, most));
    }

    private int ObjectOf(JsonObject schema, SchemaPath path)
    {
        var given = schema["properties"] switch
        {
            null => [],
            JsonObject properties => properties,
            _ => throw path.Wrong("'properties' must be an object."),
        };
        var required = Keywords.Texts(schema, "required", path);
        var others = schema.TryGetPropertyValue("additionalProperties", out var additional);
        var closed = additional is JsonValue flag && flag.GetValueKind() == JsonValueKind.False;
        var rest = closed ? -1 : others ? Compile(additional, path.At("additionalProperties")) : rules.Value();
        if (given.Select(static entry => entry.Key).Concat(required).Any(static name => name.Length > MostName)) throw path.Wrong($"a property's name is longer than {MostName} characters.");
        var list = new List<ObjectProperty>();
        foreach (var (name, property) in given)
        {
            // One that nothing satisfies may still stay away.
            var never = property is JsonValue value && value.GetValueKind() == JsonValueKind.False;
            if (never && !required.Contains(name)) list.Add(new ObjectProperty(name, builder.Rule(builder.State()), false));
            else list.Add(new ObjectProperty(name, Compile(property, path.At("properties").At(name)), required.Contains(name)));
        }

        foreach (var name in required.Where(name => !given.ContainsKey(name)))
        {
            if (closed) throw path.Wrong($"'{name}' is required, but is no property and 'additionalProperties' is false.");
            list.Add(new ObjectProperty(name, rest, true));
        }

        CheckCounts(schema, path, list, closed);
        return builder.Rule(new ObjectWriter(rules, list, rest).Start());
    }

    // Counts that the properties hold by themselves are no constraint; others are not enforced.
    private void CheckCounts(JsonObject schema, SchemaPath path, List<ObjectProperty> properties, bool closed)
    {
        if (Keywords.Count(schema, "minProperties", path) is { } least && least > properties.Count(static property => property.Required)) enforcement.Skip(path, "minProperties", "'minProperties' is not supported here.");
        if (Keywords.Count(schema, "maxProperties", path) is { } most && (!closed || most < properties.Count)) enforcement.Skip(path, "maxProperties", "'maxProperties' is not supported here.");
    }

    private int Values(JsonObject schema, SchemaPath path)
    {
        var values = schema["enum"] is JsonArray array ? array.ToList() : schema.ContainsKey("enum") ? throw path.Wrong("'enum' must be an array.") : null;
        if (values is { Count: 0 }) throw path.Wrong("'enum' is empty, so that nothing satisfies it.");
        if (schema.TryGetPropertyValue("const", out var constant)) values = values is null || values.Exists(value => JsonNode.DeepEquals(value, constant)) ? [constant] : [];
        var types = Keywords.Types(schema, path);
        values = [.. values!.Where(value => types.Contains(Keywords.TypeOf(value)) || (Keywords.TypeOf(value) == "integer" && types.Contains("number")))];
        if (values.Count == 0) throw path.Wrong("no value of 'enum' or 'const' satisfies the rest of the schema.");
        if (Keywords.Narrowing(schema).FirstOrDefault(static name => name is not ("enum" or "const" or "type")) is { } other) enforcement.Skip(path, other, $"'{other}' beside 'enum' or 'const' is not supported.");
        var start = builder.State();
        foreach (var value in values) builder.Mark(builder.Literal(start, Literals.Of(value)), StateMarks.Final);
        return builder.Rule(start);
    }
}
