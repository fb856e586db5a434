using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Xunit;

namespace Gateway.TestKit.Encoders;

/// <summary>A golden embedding model or reranker, what the reference says of it, and a backend over an engine's runner.</summary>
public sealed class GoldenEncoder : IAsyncDisposable
{
    /// <param name="path">The model's folder.</param>
    /// <param name="load">The engine.</param>
    /// <param name="golden">What the reference says, where it is not <c>goldens.json</c> of the folder.</param>
    public GoldenEncoder(string path, Func<ModelFolder, EncoderFolder, IEncoderRunner> load, string? golden = null)
    {
        Golden = (JsonObject)JsonNode.Parse(File.ReadAllBytes(golden ?? Path.Combine(path, "goldens.json")))!;
        using var folder = ModelFolder.Open(path);
        Folder = EncoderFolder.Read(folder);
        Framing = new TextFraming(folder.Tokenizer, Folder);
        var runner = load(folder, Folder);
        Backend = new EncoderBackend(runner, Folder.Readout, new ModelCard("golden", "golden", runner.Shape.Vocabulary, Folder.MaxTokens, "golden"), new EncoderOptions(), TimeProvider.System);
    }

    /// <summary>What the reference says.</summary>
    public JsonObject Golden { get; }

    /// <summary>The folder as read.</summary>
    public EncoderFolder Folder { get; }

    /// <summary>Texts to tokens.</summary>
    public TextFraming Framing { get; }

    /// <summary>The backend.</summary>
    public EncoderBackend Backend { get; }

    /// <summary>A stored matrix by rows.</summary>
    public static float[][] Rows(string file, string name)
    {
        using var tensors = new SafetensorsFile(file);
        var stored = tensors.Tensors[name];
        var values = new float[stored.Count];
        stored.Read(0, values);
        return [.. values.Chunk((int)stored.Shape[1])];
    }

    /// <summary>Results of texts in one call.</summary>
    public Task<IReadOnlyList<float[]>> EncodeAsync(params IEnumerable<FramedText> texts) =>
        Backend.EncodeAsync([.. texts.Select(text => text.Input)], TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Backend.DisposeAsync();
}
