namespace Gateway.Engine.Models.Gguf;

/// <summary>Typed access to a GGUF file's metadata; names without a prefix are the architecture's.</summary>
internal sealed class GgufKeys(GgufFile file, string architecture)
{
    public GgufFile File => file;

    public string Architecture => architecture;

    public long Need(string key) => Key(key) is { } value and > 0 ? value : throw file.Bad($"'{architecture}.{key}' is missing or not positive");

    public long? Key(string key) => Number($"{architecture}.{key}");

    /// <summary>By its whole name.</summary>
    public long? Number(string key) => file.Metadata.TryGetValue(key, out var value) ? value as long? ?? throw file.Bad($"'{key}' is not a whole number") : null;

    public double? Real(string key) => !file.Metadata.TryGetValue($"{architecture}.{key}", out var value) ? null : value switch
    {
        double number when double.IsFinite(number) => number,
        long number => number,
        _ => throw file.Bad($"'{architecture}.{key}' is not a finite number"),
    };

    public bool Flag(string key, bool absent) => !file.Metadata.TryGetValue($"{architecture}.{key}", out var value) ? absent
        : value as bool? ?? throw file.Bad($"'{architecture}.{key}' is not true or false");

    /// <summary>By its whole name.</summary>
    public string? Text(string key) => file.Metadata.TryGetValue(key, out var value) ? value as string ?? throw file.Bad($"'{key}' is not a text") : null;

    /// <summary>By its whole name.</summary>
    public object[] Array(string key) => file.Metadata.TryGetValue(key, out var value) ? value as object[] ?? throw file.Bad($"'{key}' is not a list") : [];

    /// <summary>A tensor's numbers as a list, or null where the file has no such tensor.</summary>
    public double[]? Factors(string tensor)
    {
        if (!file.Tensors.TryGetValue(tensor, out var stored)) return null;
        if (stored.Count > 4096) throw file.Bad($"tensor '{tensor}' has {stored.Count} numbers, too many for factors of frequencies");
        var values = new float[stored.Count];
        stored.Read(0, values);
        return [.. values.Select(value => (double)value)];
    }
}
