using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Gateway.Engine.Onnx.Encoders;
using Gateway.TestKit.Encoders;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Onnx.Tests.Encoders;

/// <summary>Folders as exporters leave them, against the numbers of sentence-transformers.</summary>
public sealed class ExportedEncoderTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => temporary.Dispose();

    [Fact]
    public async Task A_graph_s_vectors_are_the_reference_s_among_others_and_alone()
    {
        var golden = Shared.Golden("embeddings", "bert-mean");
        ExportedBert.Write(golden, temporary.Path);
        var (backend, framing, folder) = Load();
        await using var _ = backend;
        var texts = Goldens()["texts"]!.AsArray().Select(text => framing.Text((string)text!, "", folder.MaxTokens).Input).ToList();
        using var rows = new SafetensorsFile(Path.Combine(golden, "goldens.safetensors"));
        var expected = new float[texts.Count * 64];
        rows.Tensors["plain"].Read(0, expected);

        var together = await backend.EncodeAsync(texts, Cancellation);

        for (var i = 0; i < texts.Count; i++)
        {
            var alone = await backend.EncodeAsync([texts[i]], Cancellation);
            GoldenModel.Distance(together[i], expected.AsSpan(i * 64, 64)).ShouldBeLessThan(2e-5);
            GoldenModel.Distance(together[i], alone[0]).ShouldBeLessThan(1e-6);
        }
    }

    [Fact]
    public async Task A_graph_with_its_head_inside_gives_the_reference_s_scores()
    {
        ExportedBert.Write(Shared.Golden("embeddings", "bert-reranker"), temporary.Path);
        var (backend, framing, folder) = Load();
        await using var _ = backend;
        folder.Labels.Count.ShouldBe(1);
        var pairs = Goldens()["pairs"]!.AsArray();

        var scores = await backend.EncodeAsync([.. pairs.Select(pair => framing.Pair((string)pair!["query"]!, (string)pair["document"]!, 128).Input)], Cancellation);

        for (var i = 0; i < pairs.Count; i++) ((double)scores[i].ShouldHaveSingleItem()).ShouldBe((double)pairs[i]!["logits"]![0]!, 2e-5);
    }

    [Fact]
    public void Of_several_graphs_the_wanted_weights_are_taken_and_others_refused_by_name()
    {
        ExportedBert.Write(Shared.Golden("embeddings", "bert-mean"), temporary.Path, "model_fp16");
        ExportedBert.Write(Shared.Golden("embeddings", "bert-mean"), temporary.Path, "model_quantized");
        using var folder = ModelFolder.Open(temporary.Path);
        Path.GetFileName(EncoderGraphs.Choose(folder, "auto")).ShouldBe("model_fp16.onnx");
        Path.GetFileName(EncoderGraphs.Choose(folder, "int8")).ShouldBe("model_quantized.onnx");
        Should.Throw<ModelFolderException>(() => EncoderGraphs.Choose(folder, "q4")).Message.ShouldContain("model_fp16.onnx");
    }

    [Fact]
    public void A_graph_that_quantizes_over_all_texts_is_known_wherever_its_operator_is_named()
    {
        var file = temporary.File("a.onnx");
        File.WriteAllBytes(file, [.. new byte[(1 << 16) - 7], .. "DynamicQuantizeLinear"u8, .. new byte[100]]);
        EncoderGraphs.QuantizesWhole(file).ShouldBeTrue();
        File.WriteAllBytes(file, [.. new byte[200_000], .. "QuantizeLinear"u8]);
        EncoderGraphs.QuantizesWhole(file).ShouldBeFalse();
    }

    [Fact]
    public void What_is_no_encoder_s_graph_is_refused_with_its_reason()
    {
        ExportedBert.Write(Shared.Golden("embeddings", "bert-mean"), temporary.Path);
        File.WriteAllBytes(temporary.File("onnx/model.onnx"), [1, 2, 3]);
        Should.Throw<ModelFolderException>(() => Load()).Message.ShouldContain("model.onnx");
        var other = new GraphFile();
        other.Input("input_ids");
        other.Input("past_key_values");
        other.Output("last_hidden_state", other.Weight(new float[64], 1, 1, 64), "1", "1", "64");
        other.Save(temporary.File("onnx/model.onnx"));
        Should.Throw<ModelFolderException>(() => Load()).Message.ShouldContain("past_key_values");
        var narrow = new GraphFile();
        narrow.Input("input_ids");
        narrow.Output("last_hidden_state", narrow.Weight(new float[32], 1, 1, 32), "1", "1", "32");
        narrow.Save(temporary.File("onnx/model.onnx"));
        Should.Throw<ModelFolderException>(() => Load()).Message.ShouldContain("32 wide");
    }

    private JsonNode Goldens() => JsonNode.Parse(File.ReadAllBytes(temporary.File("goldens.json")))!;

    private (EncoderBackend Backend, TextFraming Framing, EncoderFolder Folder) Load()
    {
        using var folder = ModelFolder.Open(temporary.Path);
        var read = EncoderFolder.Read(folder);
        EncoderFolder.IsGraph(folder).ShouldBeTrue();
        var runner = OnnxEncoderRunner.Load(folder, EncoderSpec.FromConfig(folder.Config, folder.Path), read, new OnnxOptions());
        var backend = new EncoderBackend(runner, read.Readout, new ModelCard("m", "bert", runner.Shape.Vocabulary, read.MaxTokens, "onnx"), new EncoderOptions(), TimeProvider.System);
        return (backend, new TextFraming(folder.Tokenizer, read), read);
    }
}
