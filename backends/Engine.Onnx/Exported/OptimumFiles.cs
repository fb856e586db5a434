using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>The graphs of a folder as Optimum and transformers.js lay them out: one for each precision, told by the end of its name.</summary>
internal static class OptimumFiles
{
    // The newest layout first: a merged file needs a branch for its past, and older ones beside it are for other programs.
    private static readonly string[] Stems = ["model", "decoder_model_merged"];

    private static readonly (string Weights, string[] Suffixes)[] Known =
    [
        ("f32", [""]), ("f16", ["_fp16"]), ("q8", ["_quantized", "_int8", "_uint8"]), ("q4", ["_q4"]), ("q4f16", ["_q4f16"]),
        ("int8", ["_int8"]), ("uint8", ["_uint8"]), ("bnb4", ["_bnb4"]),
    ];

    /// <summary>The graph for the precision asked for: <c>auto</c> takes <c>model.onnx</c>, or else the most exact that is there.</summary>
    /// <exception cref="ModelFolderException">There is none; the message lists those that are.</exception>
    public static string Choose(string folder, string weights)
    {
        var place = Path.Combine(folder, "onnx");
        if (!Directory.Exists(place)) place = folder;
        var wanted = weights == "auto" ? Known.SelectMany(known => known.Suffixes) : Known.FirstOrDefault(known => known.Weights == weights).Suffixes ?? [];
        foreach (var stem in Stems)
        {
            foreach (var suffix in wanted)
                if (Path.Combine(place, stem + suffix + ".onnx") is var path && File.Exists(path)) return path;
        }

        var there = Directory.GetFiles(place, "*.onnx").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        var choices = Known.Where(known => Stems.Any(stem => known.Suffixes.Any(suffix => there.Contains(stem + suffix + ".onnx")))).Select(known => known.Weights).ToList();
        throw choices.Count == 0
            ? new ModelFolderException(place, $"holds {string.Join(", ", there)}, but no model.onnx or decoder_model_merged.onnx with a cache")
            : new ModelFolderException(place, $"has no graph with weights in '{weights}'; there are {string.Join(", ", choices)} ({string.Join(", ", there)})");
    }
}
