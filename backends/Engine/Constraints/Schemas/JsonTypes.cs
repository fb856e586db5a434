using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Types of values; a number is whole or not.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Object = 1,
    Array = 2,
    String = 4,
    Whole = 8,
    Fraction = 16,
    Boolean = 32,
    Null = 64,
    Number = Whole | Fraction,
    Any = 127,
}

internal static class JsonTypesOf
{
    /// <summary>The types that a <c>type</c> keyword names.</summary>
    public static JsonTypes Keyword(JsonNode? type, SchemaPath path)
    {
        if (type is not JsonArray) return Named(Keywords.Text(type) ?? throw path.Wrong("'type' must be a string or an array of strings."), path);
        var types = Keywords.Texts(type, "type", path).Aggregate(JsonTypes.None, (all, name) => all | Named(name, path));
        return types != JsonTypes.None ? types : throw path.Wrong("'type' is empty, so that nothing satisfies it.");
    }

    /// <summary>The types that all of the schemas allow.</summary>
    public static JsonTypes All(IReadOnlyList<SchemaPlace> schemas) => schemas.In("type").Aggregate(JsonTypes.Any, static (all, one) => all & Keyword(one.Value, one.Path));

    public static JsonTypes Value(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.Object => JsonTypes.Object,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        _ => ExactNumber.Parse(value!.ToJsonString()) is { IsWhole: true } ? JsonTypes.Whole : JsonTypes.Fraction,
    };

    private static JsonTypes Named(string name, SchemaPath path) => name switch
    {
        "object" => JsonTypes.Object,
        "array" => JsonTypes.Array,
        "string" => JsonTypes.String,
        "number" => JsonTypes.Number,
        "integer" => JsonTypes.Whole,
        "boolean" => JsonTypes.Boolean,
        "null" => JsonTypes.Null,
        _ => throw path.Wrong($"'{name}' is not a type."),
    };
}
