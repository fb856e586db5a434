using System.Text.Json.Nodes;

namespace Gateway.Engine.Models;

/// <summary>
/// Reads keys of a <c>config.json</c>; null means absent, the first of several names wins. It remembers what was read, so that a key that
/// nobody understood can be refused in the end.
/// </summary>
internal sealed class ConfigReader(JsonObject config, string file)
{
    private const int MostOfAnything = 1 << 24; // bound for sizes in hostile files
    private readonly HashSet<string> read = [];

    public ModelFolderException Bad(string problem) => new(file, problem);

    /// <summary>Whether the key is there, null or not: for families where null and absence differ.</summary>
    public bool Has(string name)
    {
        read.Add(name);
        return config.ContainsKey(name);
    }

    public string? Text(string name) => Node(name) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public int Size(params ReadOnlySpan<string> names) => OptionalSize(names) ?? throw Bad($"'{names[0]}' is missing");

    public int? OptionalSize(params ReadOnlySpan<string> names)
    {
        int? found = null;
        foreach (var name in names)
        {
            if (Node(name) is not { } node || found is not null) continue;
            if (node is JsonValue value && value.TryGetValue(out int size) && size is > 0 and <= MostOfAnything) found = size;
            else throw Bad($"'{name}' is {node.ToJsonString()}, not a size");
        }

        return found;
    }

    public double Real(string name, double absent) => Node(name) is null ? absent : OptionalReal(name, null)!.Value;

    /// <summary>Null where the file says null.</summary>
    public double? OptionalReal(string name, double? absent) => Node(name) switch
    {
        null => config.ContainsKey(name) ? null : absent,
        JsonValue value when value.TryGetValue(out double number) && double.IsFinite(number) => number,
        var other => throw Bad($"'{name}' is {other.ToJsonString()}, not a number"),
    };

    public bool Flag(string name, bool absent) => Node(name) switch
    {
        null => absent,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        var other => throw Bad($"'{name}' is {other.ToJsonString()}, not true or false"),
    };

    public IReadOnlyList<int>? Numbers(string name) => List<int>(name, "whole numbers");

    public IReadOnlyList<double>? Reals(string name) => List<double>(name, "numbers");

    /// <summary>One text for each layer.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        var texts = List<string>(name, "texts");
        return texts is null || texts.Count >= Size("num_hidden_layers") ? texts : throw Bad($"'{name}' has {texts.Count} entries, fewer than there are layers");
    }

    public JsonObject? Object(string name) => Node(name) switch
    {
        null => null,
        JsonObject found => found,
        var other => throw Bad($"'{name}' is {other.ToJsonString()}, not an object"),
    };

    /// <summary>An object inside this one.</summary>
    public ConfigReader Inner(JsonObject inner, string called) => new(inner, $"{file}: {called}");

    /// <summary>A key that changes the numbers in a way that is not implemented must have the one value that changes nothing.</summary>
    public void Must(string name, bool be)
    {
        if (Flag(name, be) != be) throw Bad($"'{name}': {(be ? "false" : "true")} is not supported");
    }

    /// <summary>Keys that are known to change nothing here.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names) read.Add(name);
    }

    /// <summary>A key that is switched on, that nothing read and that is not known to be harmless may change the numbers.</summary>
    public void RefuseUnread()
    {
        foreach (var (name, node) in config)
        {
            if (read.Contains(name) || HarmlessKeys.Contains(name) || IsOff(node)) continue;
            throw Bad($"the key '{name}' ({Shorten(node!.ToJsonString())}) is not understood, and a server that ignored it might give other numbers than the model's makers meant");
        }
    }

    public int Divide(int hidden, int heads) =>
        hidden % heads == 0 ? hidden / heads : throw Bad($"a hidden size of {hidden} cannot be divided among {heads} heads");

    public Activation Activation(string name, string absent) => (Text(name) ?? absent) switch
    {
        "silu" or "swish" => Models.Activation.Silu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Models.Activation.GeluTanh,
        "gelu" => Models.Activation.Gelu,
        "relu" => Models.Activation.Relu,
        var other => throw Bad($"the activation '{other}' is not supported"),
    };

    private JsonNode? Node(string name)
    {
        read.Add(name);
        return config[name];
    }

    private IReadOnlyList<T>? List<T>(string name, string of)
    {
        if (Node(name) is not { } node) return null;
        if (node is not JsonArray array) throw Bad($"'{name}' is not a list");
        return [.. array.Select(item => item is JsonValue value && value.TryGetValue(out T? one) ? one : throw Bad($"'{name}' is not a list of {of}"))];
    }

    private static bool IsOff(JsonNode? node) => node switch
    {
        null => true,
        JsonArray array => array.Count == 0,
        JsonObject inner => inner.Count == 0,
        JsonValue value => (value.TryGetValue(out bool flag) && !flag) || (value.TryGetValue(out string? text) && text.Length == 0),
        _ => false,
    };

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
