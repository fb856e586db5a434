using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>A schema and the places in it that references name, by pointer, anchor or embedded <c>$id</c>. Nothing is ever fetched.</summary>
internal sealed class SchemaReferences
{
    private const int MostDepth = 128;
    private static readonly Uri Nowhere = new("schema:///");
    private static readonly string[] NoSchemas = ["enum", "const", "default", "examples"];
    private readonly Dictionary<string, JsonObject> named = []; // absolute address → schema
    private readonly HashSet<string> dynamic = []; // dynamic anchors, and those that occur twice with a mark

    public SchemaReferences(JsonElement schema)
    {
        try
        {
            Root = JsonNode.Parse(schema.GetRawText(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MostDepth });
            if (Root is JsonObject root) Index(root, Nowhere);
        }
        catch (JsonException wrong)
        {
            throw SchemaPath.Root.Wrong(wrong.Message.Contains("depth", StringComparison.OrdinalIgnoreCase)
                ? $"the schema nests deeper than {MostDepth} levels."
                : "the schema has the same keyword or property twice in one object.");
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            throw SchemaPath.Root.Wrong("the schema has a name or text with half of a surrogate pair.");
        }
    }

    public JsonNode? Root { get; }

    /// <summary>What a reference in <paramref name="from"/> names.</summary>
    public JsonNode? Resolve(JsonObject from, string keyword, JsonNode? reference, SchemaPath path)
    {
        var text = Keywords.Text(reference) ?? throw path.Wrong($"'{keyword}' must be a string.");
        if (keyword == "$dynamicRef" && dynamic.Contains(text + "#twice")) throw path.Wrong($"'{keyword}' '{text}' depends on who refers to it, which is not supported.");
        // Without any $id, which is the rule, a pointer needs no address.
        if (text.Length == 0 || text is "#" || text.StartsWith("#/", StringComparison.Ordinal)) return Walk(named.Count == 0 ? Root : Document(from), text, keyword, path);
        if (!Uri.TryCreate(AddressOf(from), text, out var address)) throw path.Wrong($"'{keyword}' '{text}' is no reference.");
        if (named.TryGetValue(address.AbsoluteUri, out var target)) return target;
        var document = address.GetLeftPart(UriPartial.Query);
        var fragment = address.Fragment;
        if (!named.TryGetValue(document, out var within))
            throw path.Wrong(text[0] == '#' ? $"'{keyword}' '{text}' names nothing in the schema." : $"'{keyword}' '{text}' is not within the schema; references to other documents are not followed.");
        return fragment.StartsWith("#/", StringComparison.Ordinal) || fragment.Length <= 1 ? Walk(within, fragment, keyword, path) : throw path.Wrong($"'{keyword}' '{text}' names nothing in the schema.");
    }

    private static JsonNode? Walk(JsonNode? at, string pointer, string keyword, SchemaPath path)
    {
        foreach (var part in pointer.TrimStart('#').Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject obj when obj.TryGetPropertyValue(name, out var inner) => inner,
                JsonArray array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < array.Count => array[index],
                _ => throw path.Wrong($"'{keyword}' '{pointer}' names nothing in the schema."),
            };
        }

        return at;
    }

    private JsonNode? Document(JsonObject from)
    {
        for (JsonNode? at = from; at is not null; at = at.Parent)
            if (at is JsonObject obj && Keywords.Text(obj["$id"]) is { Length: > 0 } id && id[0] != '#') return obj;
        return Root;
    }

    private static Uri AddressOf(JsonNode? from)
    {
        var ids = new Stack<string>();
        for (var at = from; at is not null; at = at.Parent)
            if (at is JsonObject obj && Keywords.Text(obj["$id"]) is { Length: > 0 } id) ids.Push(id);
        var address = Nowhere;
        while (ids.TryPop(out var id))
            if (Uri.TryCreate(address, id, out var next)) address = next;
        return address;
    }

    private void Index(JsonNode node, Uri address)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                if (item is JsonObject or JsonArray) Index(item, address);
            return;
        }

        var schema = (JsonObject)node;
        if (Keywords.Text(schema["$id"]) is { Length: > 0 } id && Uri.TryCreate(address, id, out var own))
        {
            address = own;
            named.TryAdd(own.GetLeftPart(UriPartial.Query), schema);
            named.TryAdd(own.AbsoluteUri, schema); // drafts before 2019-09 have anchors as "$id": "#name"
        }

        if (Keywords.Text(schema["$anchor"]) is { Length: > 0 } anchor && Uri.TryCreate(address, "#" + anchor, out var anchored)) named.TryAdd(anchored.AbsoluteUri, schema);
        if (Keywords.Text(schema["$dynamicAnchor"]) is { Length: > 0 } moving && Uri.TryCreate(address, "#" + moving, out var moved))
        {
            if (!dynamic.Add("#" + moving)) dynamic.Add($"#{moving}#twice");
            named.TryAdd(moved.AbsoluteUri, schema);
        }

        foreach (var (name, inner) in schema)
            if (inner is JsonObject or JsonArray && !NoSchemas.Contains(name)) Index(inner, address);
    }
}
