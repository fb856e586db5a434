using Gateway.Engine.Models;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Encoders;

/// <summary>What exporters call their files and outputs.</summary>
internal static class EncoderGraphs
{
    // transformers.js' names of its weight formats, the most exact first.
    private static readonly (string Weights, string Name)[] Known =
    [
        ("f32", "model"), ("f16", "model_fp16"), ("int8", "model_int8"), ("int8", "model_quantized"), ("uint8", "model_uint8"),
        ("q4", "model_q4"), ("q4f16", "model_q4f16"), ("bnb4", "model_bnb4"),
    ];

    /// <summary>The file of the wanted weights; of those that are there, <c>auto</c> takes the most exact.</summary>
    public static string Choose(ModelFolder folder, string weights)
    {
        foreach (var (format, name) in Known)
        {
            if (weights is not "auto" && weights != format) continue;
            if (folder.Graphs.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name) is { } found) return found;
        }

        if (weights == "auto" && folder.Graphs is [var only]) return only;
        throw new ModelFolderException(folder.Path, $"has no graph with weights in '{weights}'; there are {string.Join(", ", folder.Graphs.Select(Path.GetFileName))}");
    }

    /// <summary>The scores of a head, or hidden states, by any of their names.</summary>
    public static string Output(InferenceSession session, bool scores, string file)
    {
        string[] names = scores ? ["logits"] : ["last_hidden_state", "token_embeddings"];
        var rank = scores ? 2 : 3;
        var outputs = session.OutputMetadata.Where(entry => entry.Value.IsTensor && entry.Value.Dimensions.Length == rank).Select(entry => entry.Key).ToList();
        return names.FirstOrDefault(outputs.Contains) ?? outputs.FirstOrDefault()
            ?? throw new ModelFolderException(file, $"none of the graph's outputs ({string.Join(", ", session.OutputMetadata.Keys)}) is {(scores ? "a head's scores" : "hidden states")}");
    }

    /// <summary>DynamicQuantizeLinear takes one scale from all texts of a run: only alone does a text have its own numbers.</summary>
    public static bool QuantizesWhole(string file)
    {
        using var stream = File.OpenRead(file);
        var window = new byte[1 << 16];
        var name = "DynamicQuantize"u8;
        var kept = 0;
        int read;
        while ((read = stream.Read(window, kept, window.Length - kept)) > 0)
        {
            var here = window.AsSpan(0, kept + read);
            if (here.IndexOf(name) >= 0) return true;
            kept = Math.Min(name.Length - 1, here.Length);
            here[^kept..].CopyTo(window);
        }

        return false;
    }
}
