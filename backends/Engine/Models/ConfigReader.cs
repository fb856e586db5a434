using System.Text.Json.Nodes;

namespace Gateway.Engine.Models;

/// <summary>Reads keys of a <c>config.json</c>; null means absent, the first of several names wins.</summary>
internal sealed class ConfigReader(JsonObject config, string file)
{
    private const int MostOfAnything = 1 << 24; // bound for sizes in hostile files

    public JsonObject Config => config;

    public ModelFolderException Bad(string problem) => new(file, problem);

    public string? Text(string name) => config[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public int Size(params ReadOnlySpan<string> names) => OptionalSize(names) ?? throw Bad($"'{names[0]}' is missing");

    public int? OptionalSize(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (config[name] is not { } node) continue;
            if (node is JsonValue value && value.TryGetValue(out int size) && size is > 0 and <= MostOfAnything) return size;
            throw Bad($"'{name}' is {node.ToJsonString()}, not a size");
        }

        return null;
    }

    public double Real(string name, double absent) => config[name] switch
    {
        null => absent,
        JsonValue value when value.TryGetValue(out double number) && double.IsFinite(number) => number,
        var other => throw Bad($"'{name}' is {other.ToJsonString()}, not a number"),
    };

    public bool Flag(string name, bool absent) => config[name] switch
    {
        null => absent,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        var other => throw Bad($"'{name}' is {other.ToJsonString()}, not true or false"),
    };

    /// <summary>A key that changes the numbers in a way that is not implemented must have the one value that changes nothing.</summary>
    public void Must(string name, bool be)
    {
        if (Flag(name, be) != be) throw Bad($"'{name}': {(be ? "false" : "true")} is not supported");
    }

    public Activation Activation(string name, string absent) => (Text(name) ?? absent) switch
    {
        "silu" or "swish" => Models.Activation.Silu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Models.Activation.GeluTanh,
        "gelu" => Models.Activation.Gelu,
        "relu" => Models.Activation.Relu,
        var other => throw Bad($"the activation '{other}' is not supported"),
    };
}
