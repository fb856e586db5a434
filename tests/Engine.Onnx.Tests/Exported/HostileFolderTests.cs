using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Exported;
using Gateway.Engine.Onnx.Graph;

namespace Gateway.Engine.Onnx.Tests.Exported;

/// <summary>Graphs that others made end in a message that names the file, never in a crash.</summary>
public class HostileFolderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_graph_that_is_cut_short_is_refused(int divisor)
    {
        using var folder = Copy("optimum", "llama");
        var path = folder.File("onnx/model.onnx");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..((bytes.Length / divisor) - 1)]);

        Refused(folder.Path).File.ShouldBe(path);
    }

    [Fact]
    public void Noise_in_place_of_a_graph_is_refused()
    {
        using var folder = Copy("optimum", "llama");
        var noise = new byte[4096];
        new Random(3).NextBytes(noise);
        File.WriteAllBytes(folder.File("onnx/model.onnx"), noise);

        Refused(folder.Path).Message.ShouldContain("model.onnx");
    }

    [Theory]
    [InlineData("extra", "the input extra")]
    [InlineData("use_cache_branch", "is not a boolean")]
    public void A_graph_with_inputs_that_are_not_a_decoder_s_is_refused_by_their_name(string input, string message)
    {
        using var folder = Copy("optimum", "llama");
        WriteGraph(folder.File("onnx/model.onnx"), ["input_ids", "attention_mask", .. Enumerable.Range(0, 2).SelectMany(n => (string[])[$"past_key_values.{n}.key", $"past_key_values.{n}.value"]), input]);

        Refused(folder.Path).Message.ShouldContain(message);
    }

    [Fact]
    public void A_graph_without_a_cache_is_refused()
    {
        using var folder = Copy("optimum", "llama");
        WriteGraph(folder.File("onnx/model.onnx"), ["input_ids", "attention_mask"]);

        Refused(folder.Path).Message.ShouldContain("only decoders that were exported with their cache can be served");
    }

    [Fact]
    public void Weights_that_are_not_there_are_refused_with_those_that_are()
    {
        using var folder = Copy("optimum", "llama");
        using var opened = ModelFolder.Open(folder.Path);

        Should.Throw<ModelFolderException>(() => ExportedFolder.Read(opened, "bnb4")).Message.ShouldContain("q4f16");
    }

    [Theory]
    [InlineData("head_size", "0")]
    [InlineData("num_hidden_layers", "2000000000")]
    [InlineData("num_key_value_heads", "-1")]
    [InlineData("filename", "\"../../etc/passwd\"")]
    [InlineData("filename", "\"nothing.onnx\"")]
    [InlineData("inputs", "null")]
    public void A_genai_configuration_that_lies_is_refused(string key, string value)
    {
        using var folder = Copy("genai", "llama-int4-cpu");
        var path = folder.File("genai_config.json");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        config["model"]!["decoder"]![key] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());

        Refused(folder.Path).Message.ShouldContain(folder.Path);
    }

    private static ModelFolderException Refused(string path) => Should.Throw<ModelFolderException>(() =>
    {
        using var folder = ModelFolder.Open(path);
        using var runner = ExportedRunner.Load(folder, new OnnxOptions { BlockCount = 4, Device = "cpu" });
    });

    private static TemporaryFolder Copy(params string[] parts)
    {
        var (from, to) = (Shared.Golden(["onnx", .. parts]), new TemporaryFolder());
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = to.File(Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    /// <summary>A graph of nothing but declarations.</summary>
    private static void WriteGraph(string path, string[] inputs)
    {
        using var folder = new TemporaryFolder();
        using var weights = new WeightFile(folder.File("data"));
        var graph = new GraphBuilder(weights);
        foreach (var input in inputs)
        {
            if (input.StartsWith("past", StringComparison.Ordinal)) graph.Input(input, ElementType.Float, "batch", "2", "past", "16");
            else graph.Input(input, ElementType.Int64, "batch", "tokens");
        }

        foreach (var name in inputs.Where(input => input.StartsWith("past", StringComparison.Ordinal)))
        {
            var present = name.Replace("past_key_values", "present", StringComparison.Ordinal);
            graph.Node("", "Identity", [name], [present]);
            graph.Output(present, ElementType.Float, "batch", "2", "past", "16");
        }

        graph.Node("", "Unsqueeze", [graph.Node("Cast", ["input_ids"], ("to", (int)ElementType.Float)), graph.Numbers(2)], ["logits"]);
        graph.Output("logits", ElementType.Float, "batch", "tokens", "1");
        File.WriteAllBytes(path, graph.Finish());
    }
}
