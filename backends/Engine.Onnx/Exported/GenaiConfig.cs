using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>What <c>genai_config.json</c> says: the graph's file, its names, and the sizes that the graph leaves open.</summary>
internal sealed record GenaiConfig(string GraphPath, DecoderNames Names, CacheSizes Sizes, int ContextLength, int? Window)
{
    public const string FileName = "genai_config.json";

    /// <exception cref="ModelFolderException">A key is missing or of the wrong shape.</exception>
    public static GenaiConfig Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        var root = new ConfigReader(ModelFiles.ReadObject(file), file);
        var modelObject = root.Object("model") ?? throw root.Bad("'model' is missing");
        var model = root.Inner(modelObject, "model");
        foreach (var other in (string[])["encoder", "vision", "speech", "embedding"])
            if (model.Has(other)) throw model.Bad($"the model has a part '{other}'; only plain decoders can be served");
        var decoderObject = model.Object("decoder") ?? throw model.Bad("'decoder' is missing");
        var decoder = model.Inner(decoderObject, "decoder");
        if (decoder.Has("pipeline")) throw decoder.Bad("'pipeline': a decoder in several graphs is not supported");
        var names = NamesOf(decoder);
        var sizes = new CacheSizes(decoder.Size("num_hidden_layers"), decoder.Size("num_key_value_heads"), decoder.Size("head_size"));
        var window = decoder.Object("sliding_window") is { } sliding ? decoder.Inner(sliding, "sliding_window").OptionalSize("window_size") : null;
        return new GenaiConfig(GraphIn(folder, decoder), names, sizes, model.Size("context_length"), window);
    }

    private static string GraphIn(string folder, ConfigReader decoder)
    {
        var name = decoder.Text("filename") ?? throw decoder.Bad("'filename' is missing");
        if (name.Length == 0 || Path.GetFileName(name) != name || name.Contains('\\')) throw decoder.Bad($"the file name '{name}' leaves the folder");
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw decoder.Bad($"names the graph '{name}', which is not there");
    }

    private static DecoderNames NamesOf(ConfigReader decoder)
    {
        var absent = new DecoderNames();
        var inputs = decoder.Inner(decoder.Object("inputs") ?? throw decoder.Bad("'inputs' is missing"), "inputs");
        var outputs = decoder.Inner(decoder.Object("outputs") ?? throw decoder.Bad("'outputs' is missing"), "outputs");
        return new DecoderNames
        {
            Tokens = inputs.Text("input_ids") ?? throw inputs.Bad("'input_ids' is missing"),
            Mask = inputs.Text("attention_mask") ?? absent.Mask,
            Positions = inputs.Text("position_ids") ?? absent.Positions,
            PastKey = PerLayer(inputs, "past_key_names"),
            PastValue = PerLayer(inputs, "past_value_names"),
            Logits = outputs.Text("logits") ?? throw outputs.Bad("'logits' is missing"),
            PresentKey = PerLayer(outputs, "present_key_names"),
            PresentValue = PerLayer(outputs, "present_value_names"),
        };
    }

    private static string PerLayer(ConfigReader from, string key)
    {
        var name = from.Text(key) ?? throw from.Bad($"'{key}' is missing");
        return name.Contains("%d", StringComparison.Ordinal) ? name : throw from.Bad($"'{key}' is '{name}', which has no %d for the layer");
    }
}
