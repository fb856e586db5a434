using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>A schema and the places in it that references name. Nothing is ever fetched.</summary>
internal sealed class SchemaReferences
{
    public SchemaReferences(JsonElement schema)
    {
        try
        {
            Root = JsonNode.Parse(schema.GetRawText(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 128 });
        }
        catch (JsonException)
        {
            throw SchemaPath.Root.Wrong("the schema has the same keyword or property twice in one object.");
        }
    }

    public JsonNode? Root { get; }

    public (string Pointer, JsonNode? Target) Resolve(JsonNode? reference, SchemaPath path)
    {
        var pointer = Keywords.Text(reference) ?? throw path.Wrong("'$ref' must be a string.");
        if (pointer.Length == 0 || pointer[0] != '#') throw path.Wrong($"'$ref' '{pointer}' is not within the schema; references to other documents are not followed.");
        var at = Root;
        foreach (var part in pointer.TrimStart('#').Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject obj when obj.TryGetPropertyValue(name, out var inner) => inner,
                JsonArray array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < array.Count => array[index],
                _ => throw path.Wrong($"'$ref' '{pointer}' names nothing in the schema."),
            };
        }

        if (pointer.Length > 1 && pointer[1] != '/') throw path.Wrong($"'$ref' '{pointer}' is an anchor, which is not supported.");
        return (pointer, at);
    }
}
