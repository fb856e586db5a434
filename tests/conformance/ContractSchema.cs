using System.Text.Json.Nodes;

namespace Gateway.Conformance.Tests;

/// <summary>Checks JSON against the official document: references, combinations, types, enumerations, required keys, properties and items.</summary>
internal sealed class ContractSchema
{
    // Where the live service's own answers fail the document: recorded with null.
    private static readonly string[] NullableInPractice = ["usage", "finish_reason", "service_tier", "system_fingerprint", "logprobs", "refusal", "first_id", "last_id"];
    private readonly JsonNode schemas;

    private ContractSchema(JsonNode schemas) => this.schemas = schemas;

    /// <summary>The document's schemas, or null where it is absent.</summary>
    public static ContractSchema? Load()
    {
        var path = Path.Combine(Shared.Root, "..", "shared", "api", "openapi.json");
        return File.Exists(path) ? new ContractSchema(JsonNode.Parse(File.ReadAllBytes(path))!["components"]!["schemas"]!) : null;
    }

    /// <summary>What is wrong with a value, first mistake first; null when nothing is.</summary>
    public string? Mistake(JsonNode? value, string schema) => Check(value, schemas[schema] ?? throw new ArgumentException($"no schema '{schema}'"), "$");

    private string? Check(JsonNode? value, JsonNode schema, string path)
    {
        if ((string?)schema["$ref"] is { } reference) return Check(value, schemas[reference[(reference.LastIndexOf('/') + 1)..]]!, path);
        foreach (var part in schema["allOf"] as JsonArray ?? [])
        {
            if (Check(value, part!, path) is { } wrong) return wrong;
        }

        if ((schema["anyOf"] ?? schema["oneOf"]) is JsonArray choices)
        {
            var mistakes = choices.Select(choice => Check(value, choice!, path)).ToList();
            if (mistakes.TrueForAll(mistake => mistake is not null)) return $"{path}: fits none of {choices.Count} schemas; the last: {mistakes[^1]}";
        }

        if (value is null && ((bool?)schema["nullable"] ?? false)) return null;
        if (schema["type"] is { } type && !(type is JsonArray types ? types.Select(one => (string)one!) : [(string)type!]).Any(one => Is(value, one)))
            return $"{path}: {value?.ToJsonString() ?? "null"} is not {type.ToJsonString()}";
        // The document's parts of calls know only functions; the live service streams custom tools the same way.
        if (path.EndsWith("].type", StringComparison.Ordinal) && path.Contains(".delta.tool_calls[", StringComparison.Ordinal) && (string?)value == "custom") return null;
        if (schema["enum"] is JsonArray values && !IsListedRole(path) && !values.Any(one => JsonNode.DeepEquals(one, value))) return $"{path}: {value?.ToJsonString()} is not one of {values.ToJsonString()}";
        return value switch
        {
            JsonObject obj => Properties(obj, schema, path),
            JsonArray array when schema["items"] is { } items => array.Select((item, at) => item is null && BeginsWithNull(path) ? null : Check(item, items, $"{path}[{at}]")).FirstOrDefault(mistake => mistake is not null),
            _ => null,
        };
    }

    private string? Properties(JsonObject value, JsonNode schema, string path)
    {
        foreach (var required in schema["required"] as JsonArray ?? [])
        {
            if (!value.ContainsKey((string)required!)) return $"{path}: '{required}' is missing";
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (!value.TryGetPropertyValue(name, out var child) || (child is null && NullableInPractice.Contains(name))) continue;
            if (Check(child, property!, $"{path}.{name}") is { } wrong) return wrong;
        }

        return null;
    }

    // A prompt's first token has no probability, which the document's numbers leave no room for.
    private static bool BeginsWithNull(string path) => path.EndsWith(".token_logprobs", StringComparison.Ordinal) || path.EndsWith(".top_logprobs", StringComparison.Ordinal);

    // The document makes each listed message of a kept completion an assistant's; the live service lists the request's, a user's first.
    private static bool IsListedRole(string path) => path.StartsWith("$.data[", StringComparison.Ordinal) && path.EndsWith("].role", StringComparison.Ordinal);

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        _ => value is JsonValue scalar && scalar.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.String => type == "string",
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => type == "boolean",
            System.Text.Json.JsonValueKind.Number => type == "number" || (type == "integer" && scalar.GetValue<double>() is var number && Math.Floor(number) == number),
            _ => false,
        },
    };
}
