using Gateway.Engine.Models;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Onnx.Tests;

/// <summary>A graph is written once for each folder and format, whole or not at all.</summary>
public sealed class GraphCacheTests
{
    [Fact]
    public void A_second_load_writes_nothing_and_gives_the_same_numbers()
    {
        using var cache = new TemporaryFolder();
        var first = Logits(cache.Path, "f32");
        var written = Written(cache.Path).ShouldHaveSingleItem();
        var time = File.GetLastWriteTimeUtc(Path.Combine(written, "model.onnx"));

        Logits(cache.Path, "f32").ShouldBe(first);

        File.GetLastWriteTimeUtc(Path.Combine(Written(cache.Path).ShouldHaveSingleItem(), "model.onnx")).ShouldBe(time);
    }

    [Fact]
    public void Another_format_is_another_graph_and_the_longest_unused_goes_when_there_is_no_room()
    {
        using var cache = new TemporaryFolder();
        Logits(cache.Path, "f32");
        var old = Written(cache.Path).Single();

        Logits(cache.Path, "q8");
        Written(cache.Path).Length.ShouldBe(2);
        Logits(cache.Path, "q4", most: 1);

        Written(cache.Path).ShouldHaveSingleItem().ShouldNotBe(old);
    }

    [Fact]
    public void A_folder_that_cannot_be_served_leaves_nothing_behind()
    {
        using var cache = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Shared.Golden("models", "smollm"))) File.Copy(file, broken.File(Path.GetFileName(file)));
        File.WriteAllText(broken.File("config.json"), File.ReadAllText(broken.File("config.json")).Replace("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 4", StringComparison.Ordinal));
        using var folder = ModelFolder.Open(broken.Path);

        Should.Throw<ModelFolderException>(() => OnnxRunner.Load(folder, new OnnxOptions { GraphCache = cache.Path, BlockCount = 4 })).Message.ShouldContain("'layers.3.input_layernorm.weight' is missing");

        Directory.EnumerateFileSystemEntries(cache.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("int3", "cpu", "weights in 'int3'")]
    [InlineData("auto", "tpu", "device 'tpu'")]
    [InlineData("auto", "cuda", "no CUDA")]
    public void An_option_that_cannot_be_met_is_refused(string weights, string device, string message)
    {
        using var model = ModelFolder.Open(Shared.Golden("models", "smollm"));

        Should.Throw<ModelFolderException>(() => OnnxRunner.Load(model, new OnnxOptions { Weights = weights, Device = device })).Message.ShouldContain(message);
    }

    private static string[] Written(string cache) => Directory.GetDirectories(cache);

    private static float[] Logits(string cache, string weights, long most = long.MaxValue)
    {
        using var folder = ModelFolder.Open(Shared.Golden("models", "smollm"));
        using var runner = OnnxRunner.Load(folder, new OnnxOptions { GraphCache = cache, GraphCacheBytes = most, Weights = weights, BlockCount = 4 });
        var logits = new float[runner.Shape.Vocabulary];
        runner.Forward([new Slice(1, new[] { 5, 6, 7 }, 0, new[] { 0 }, 1)], logits);
        return logits;
    }
}
