using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Gateway.Engine.Torch.Encoders;

namespace Gateway.Engine.Torch.Tests.Encoders;

/// <summary>A golden embedding model or reranker, what the reference says of it, and a backend over it.</summary>
internal sealed class GoldenEncoder : IAsyncDisposable
{
    public GoldenEncoder(string path, string? golden = null)
    {
        Golden = (JsonObject)JsonNode.Parse(File.ReadAllBytes(golden ?? Path.Combine(path, "goldens.json")))!;
        using var folder = ModelFolder.Open(path);
        Folder = EncoderFolder.Read(folder);
        Framing = new TextFraming(folder.Tokenizer, Folder);
        var options = new TorchOptions { Device = "cpu" };
        IEncoderRunner runner = EncoderFolder.HasEncoder(folder) ? TorchEncoderRunner.Load(folder, options) : TorchDecoderEncoder.Load(folder, options);
        Backend = new EncoderBackend(runner, Folder.Readout, new ModelCard("golden", "golden", runner.Shape.Vocabulary, Folder.MaxTokens, "torch"), new EncoderOptions(), TimeProvider.System);
    }

    public JsonObject Golden { get; }

    public EncoderFolder Folder { get; }

    public TextFraming Framing { get; }

    public EncoderBackend Backend { get; }

    public static float[][] Rows(string file, string name)
    {
        using var tensors = new SafetensorsFile(file);
        var stored = tensors.Tensors[name];
        var values = new float[stored.Count];
        stored.Read(0, values);
        return [.. values.Chunk((int)stored.Shape[1])];
    }

    public Task<IReadOnlyList<float[]>> EncodeAsync(params IEnumerable<FramedText> texts) =>
        Backend.EncodeAsync([.. texts.Select(text => text.Input)], TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Backend.DisposeAsync();
}
