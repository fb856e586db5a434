using System.Text.Json;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Schemas with keywords that the library of the other test does not know, and what they mean in code.</summary>
internal static class JudgedSchemas
{
    public static Dictionary<string, Func<JsonElement, bool>> All { get; } = new()
    {
        ["""{"prefixItems":[{"type":"string","maxLength":2},{"type":"boolean"}],"type":"array","items":{"type":"null"},"minItems":1,"maxItems":4}"""] = static value =>
            value.GetArrayLength() is >= 1 and <= 4 && value[0].GetString()!.Length <= 4 && (value.GetArrayLength() < 2 || IsFlag(value[1])) && value.EnumerateArray().Skip(2).All(IsNull),
        ["""{"type":"array","prefixItems":[{"type":"null"},{"type":"null"}],"items":false}"""] = static value => value.GetArrayLength() <= 2 && value.EnumerateArray().All(IsNull),
        ["""{"type":"array","allOf":[{"prefixItems":[{"type":"integer"}]},{"items":{"minimum":5,"maximum":7}}],"items":{"type":"integer"},"maxItems":3}"""] = static value =>
            value.GetArrayLength() <= 3 && value.EnumerateArray().All(static item => item.GetInt32() is >= 5 and <= 7),
        ["""{"type":"array","items":[{"type":"null"},{"type":"boolean"}],"additionalItems":false,"minItems":2}"""] = static value => value.GetArrayLength() == 2 && IsNull(value[0]) && IsFlag(value[1]),
        ["""{"$defs":{"n":{"type":"integer","maximum":99}},"$ref":"#/$defs/n","minimum":90}"""] = static value => value.GetInt32() is >= 90 and <= 99,
        ["""{"$defs":{"n":{"$anchor":"num","type":"integer","minimum":1,"maximum":3}},"type":"array","items":{"$ref":"#num"},"maxItems":2}"""] = static value => value.EnumerateArray().All(static item => item.GetInt32() is >= 1 and <= 3),
        ["""{"$id":"https://example.com/root","$defs":{"n":{"$id":"number","type":"integer","minimum":1,"maximum":3},"m":{"$ref":"number"}},"anyOf":[{"$ref":"https://example.com/number"},{"type":"array","items":{"$ref":"#/$defs/m"},"minItems":1,"maxItems":1}]}"""] =
            static value => (value.ValueKind == JsonValueKind.Array ? value[0] : value).GetInt32() is >= 1 and <= 3,
        ["""{"type":"object","properties":{"a":true,"b":false},"required":["a"],"additionalProperties":false}"""] = static value => value.EnumerateObject().Select(static entry => entry.Name).SequenceEqual(["a"]),
        ["""{"type":"object","propertyNames":{"enum":["x","y","z"]},"additionalProperties":{"type":"null"}}"""] = static value => value.EnumerateObject().All(static entry => entry.Name is "x" or "y" or "z" && IsNull(entry.Value)),
        ["""{"type":"object","propertyNames":{"pattern":"^[a-z]+$"},"additionalProperties":{"type":"null"}}"""] = static value => value.EnumerateObject().All(static entry => entry.Name.Length > 0 && entry.Name.All(char.IsAsciiLetterLower)),
        ["""{"type":"object","properties":{"card":{"type":"null"},"address":{"type":"null"},"name":{"type":"null"}},"dependentRequired":{"card":["address","name"]},"additionalProperties":false}"""] = static value =>
            !value.TryGetProperty("card", out _) || (value.TryGetProperty("address", out _) && value.TryGetProperty("name", out _)),
        ["""{"type":"object","properties":{"card":{"type":"null"}},"dependentSchemas":{"card":{"properties":{"address":{"type":"boolean"}},"required":["address"]}},"additionalProperties":{"type":"integer"}}"""] = static value =>
            !value.TryGetProperty("card", out _) || value.TryGetProperty("address", out _),
        ["""{"const":{"a":[1,{"b":null}],"c":"é\n"}}"""] = static value => JsonElement.DeepEquals(value, JsonDocument.Parse("""{"c":"é\n","a":[1,{"b":null}]}""").RootElement),
        ["""{"not":{"type":["object","array","string","number"]}}"""] = static value => IsNull(value) || IsFlag(value),
        ["""{"enum":[1,2,3,4,5,6],"not":{"multipleOf":2},"if":{"minimum":4},"then":{"const":5}}"""] = static value => value.GetInt32() is 1 or 3 or 5,
        ["""{"type":"integer","minimum":123456789012345678901234567890,"maximum":123456789012345678901234567899}"""] = static value => value.GetRawText() is { Length: 30 } text && text.StartsWith("12345678901234567890123456789", StringComparison.Ordinal),
        ["""{"type":"object","oneOf":[{"properties":{"a":{"type":"null"}},"required":["a"],"additionalProperties":false},{"properties":{"b":{"type":"null"}},"required":["b"],"additionalProperties":false}]}"""] = static value =>
            value.EnumerateObject().Select(static entry => entry.Name).Single() is "a" or "b",
        ["""{"$defs":{"node":{"type":"object","properties":{"id":{"type":"boolean"}},"required":["id"]}},"allOf":[{"$ref":"#/$defs/node"}],"properties":{"child":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["child"],"maxProperties":2}"""] = IsNode,
        ["""{"$dynamicAnchor":"node","type":"array","items":{"$dynamicRef":"#node"},"maxItems":2}"""] = IsTree,
        ["true"] = static _ => true,
    };

    private static bool IsNode(JsonElement value) =>
        value.EnumerateObject().Count() == 2 && IsFlag(value.GetProperty("id")) && (IsNull(value.GetProperty("child")) || IsNode(value.GetProperty("child")));

    private static bool IsTree(JsonElement value) => value.GetArrayLength() <= 2 && value.EnumerateArray().All(IsTree);

    private static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    private static bool IsFlag(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;
}
