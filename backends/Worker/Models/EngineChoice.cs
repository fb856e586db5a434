using Gateway.Engine.Encoders;
using Gateway.Engine.Models;

namespace Gateway.Worker.Models;

/// <summary>Which engine serves a model, and why: the one place that decides it.</summary>
/// <param name="Engine"><c>torch</c> or <c>onnx</c>.</param>
/// <param name="Reason">For people.</param>
internal sealed record EngineChoice(string Engine, string Reason)
{
    /// <summary>The names that <c>Backend</c> may have.</summary>
    public static IReadOnlyList<string> Backends { get; } = ["auto", "torch", "onnx"];

    /// <param name="backend">As asked for.</param>
    /// <param name="weights">The format of the weights, as asked for.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="ModelFolderException">There is no such backend.</exception>
    public static EngineChoice Of(string backend, string weights, string file) => (backend, weights) switch
    {
        ("torch" or "onnx", _) => new EngineChoice(backend, "asked for"),
        ("auto", "q8" or "q4") => new EngineChoice("onnx", $"only it computes with weights in {weights}"),
        ("auto", _) => new EngineChoice("torch", "it reads the weights where they lie; onnx writes a copy of them first"),
        _ => throw new ModelFolderException(file, $"the backend '{backend}' is not known; use {string.Join(", ", Backends)}"),
    };

    /// <summary>The same for an embedding model or cross-encoder.</summary>
    /// <exception cref="ModelFolderException">The backend asked for cannot serve it.</exception>
    public static EngineChoice OfEncoder(ModelFolder folder, string backend, string weights)
    {
        var choice = Of(backend, "auto", folder.Path);
        if (EncoderFolder.IsGraph(folder))
        {
            if (!EncoderFolder.HasEncoder(folder)) throw new ModelFolderException(folder.Path, "the graph of a decoder is not read for its hidden states; add the weights as safetensors");
            return backend == "torch" ? throw new ModelFolderException(folder.Path, "the torch backend reads no ONNX graphs, and the folder holds no weights") : new EngineChoice("onnx", "the folder holds a graph and no weights");
        }

        if (weights is not ("auto" or "f32")) throw new ModelFolderException(folder.Path, $"weights in '{weights}' are not supported for an embedding model; use auto or f32");
        if (EncoderFolder.HasEncoder(folder)) return choice;
        return backend == "onnx" ? throw new ModelFolderException(folder.Path, "the onnx backend does not read a decoder for its hidden states; use torch") : new EngineChoice("torch", "only it reads a decoder for its hidden states");
    }
}
