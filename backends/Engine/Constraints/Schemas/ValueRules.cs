using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for <c>enum</c> and <c>const</c>: the values that satisfy all that stands beside them.</summary>
internal sealed class ValueRules(AutomatonBuilder builder, SchemaJudge judge)
{
    /// <returns>Null where the schemas name no values.</returns>
    public int? Rule(IReadOnlyList<SchemaPlace> schemas, SchemaPath path)
    {
        if (Values(schemas) is not { } values) return null;
        var words = new WordTree(builder, builder.State());
        foreach (var value in values) builder.Mark(words.Add(Literals.Of(value, path)), StateMarks.Final);
        return values.Count > 0 ? builder.Rule(words.Root) : throw path.Never("no value of 'enum' or 'const' satisfies the rest of the schema.");
    }

    /// <summary>The values that the schemas leave; null where they name none.</summary>
    public List<JsonNode?>? Values(IReadOnlyList<SchemaPlace> schemas) =>
        Listed(schemas)?.FindAll(value => schemas.All(schema => judge.Holds(value, schema.Node, schema.Path)));

    /// <summary>Values that one of the schemas names, whatever the others say; null where none names any.</summary>
    public List<JsonNode?>? Listed(IReadOnlyList<SchemaPlace> schemas)
    {
        List<JsonNode?>? values = null;
        foreach (var (value, path) in schemas.In("enum"))
        {
            _ = judge.Enum(value, path);
            if (values is null || values.Count > ((JsonArray)value!).Count) values = [.. (JsonArray)value!];
        }

        foreach (var (value, _) in schemas.In("const")) values = [value];
        return values;
    }
}
