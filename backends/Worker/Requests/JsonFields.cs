using System.Text.Json;
using Gateway.Worker.Errors;

namespace Gateway.Worker.Requests;

/// <summary>
/// Reads the fields of one JSON object with errors that name them by path. <c>null</c> counts as absent; of duplicate keys the last wins;
/// whole numbers may be written <c>1.0</c>.
/// </summary>
internal readonly struct JsonFields
{
    private readonly JsonElement target;
    private readonly string path;
    private readonly HashSet<string>? asked; // of the whole request only

    private JsonFields(JsonElement value, string path)
    {
        target = value;
        this.path = path;
        if (path.Length == 0) asked = new HashSet<string>(StringComparer.Ordinal);
    }

    public static JsonFields Of(JsonElement value, string path = "") => value.ValueKind == JsonValueKind.Object
        ? new JsonFields(value, path)
        : throw Problems.WrongType(path, "an object", WireJson.Kind(value));

    public JsonElement Element => target;

    /// <summary>Fields of the request that nobody has asked for: the contract does not know them. Null counts as absent here too.</summary>
    public IEnumerable<string> Unknown()
    {
        var known = asked ?? [];
        return target.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null).Select(field => field.Name).Where(name => !known.Contains(name)).Distinct();
    }

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public bool TryGet(string name, out JsonElement value)
    {
        asked?.Add(name);
        return target.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    public bool Has(string name) => TryGet(name, out _);

    public string? Text(string name, int maxLength = int.MaxValue)
    {
        if (!TryGet(name, out var value)) return null;
        var text = AsText(value, PathOf(name));
        return text.Length <= maxLength ? text : throw Problems.TextTooLong(PathOf(name), maxLength, text.Length);
    }

    public string RequiredText(string name, int maxLength = int.MaxValue) => Text(name, maxLength) ?? throw Problems.Missing(PathOf(name));

    public string? OneOf(string name, params ReadOnlySpan<string> supported)
    {
        var text = Text(name);
        return text is null || supported.Contains(text) ? text : throw Problems.NotOneOf(PathOf(name), text, supported);
    }

    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value)) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Problems.WrongType(PathOf(name), "a boolean", WireJson.Kind(value));
    }

    public double? Number(string name, double minimum, double maximum) =>
        TryGet(name, out var value) ? AsNumber(value, PathOf(name), minimum, maximum) : null;

    public long? Integer(string name, long minimum, long maximum) =>
        TryGet(name, out var value) ? AsInteger(value, PathOf(name), minimum, maximum) : null;

    public JsonFields? Object(string name) => TryGet(name, out var value) ? Of(value, PathOf(name)) : null;

    public JsonElement? Array(string name)
    {
        if (!TryGet(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Array ? value : throw Problems.WrongType(PathOf(name), "an array", WireJson.Kind(value));
    }

    public static string AsText(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Problems.WrongType(path, "a string", WireJson.Kind(value));

    public static double AsNumber(JsonElement value, string path, double minimum, double maximum)
    {
        if (value.ValueKind != JsonValueKind.Number) throw Problems.WrongType(path, "a decimal", WireJson.Kind(value));
        var number = value.GetDouble();
        if (number > maximum) throw Problems.AboveMaximum(path, "decimal", maximum, value.GetRawText());
        return number >= minimum ? number : throw Problems.BelowMinimum(path, "decimal", minimum, value.GetRawText());
    }

    public static long AsInteger(JsonElement value, string path, long minimum, long maximum)
    {
        if (value.ValueKind != JsonValueKind.Number || !WireJson.IsWhole(value)) throw Problems.WrongType(path, "an integer", WireJson.Kind(value));
        // Beyond decimal only the sign matters: no limit is that far out.
        var number = value.TryGetDecimal(out var exact) ? exact : value.GetDouble() > 0 ? decimal.MaxValue : decimal.MinValue;
        if (number > maximum) throw Problems.AboveMaximum(path, "integer", maximum, value.GetRawText());
        return number >= minimum ? (long)number : throw Problems.BelowMinimum(path, "integer", minimum, value.GetRawText());
    }
}
