using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;

namespace Gateway.Worker.Tests.Hosting;

public class ServeOptionsTests
{
    [Fact]
    public void All_options_are_read()
    {
        var options = ServeOptions.Parse(["--name", "a/b:c", "--path", "dir", "--backend", "torch", "--context", "64", "--urls", "http://unix:/tmp/x", "--exit-with-parent"]);

        options.ShouldBe(new ServeOptions("a/b:c", "dir") { Backend = "torch", Context = 64, Urls = "http://unix:/tmp/x", ExitWithParent = true, Limits = options.Limits });
    }

    [Theory]
    [InlineData("--nam x", "--nam")]
    [InlineData("--name", "--name")]
    [InlineData("--name x", "--path")]
    [InlineData("--name x --path y --context 0", "--context")]
    [InlineData("--name x --path y --backend llama", "llama")]
    [InlineData("stray", "stray")]
    public void A_wrong_command_line_is_named(string line, string named) =>
        Should.Throw<FormatException>(() => ServeOptions.Parse(line.Split(' '))).Message.ShouldContain(named);

    [Fact]
    public void Inspecting_tells_what_can_be_served_and_why_something_cannot()
    {
        var good = Inspect(Shared.TinyChat);
        ((bool)good["ok"]!).ShouldBeTrue();
        good["architecture"]!.ToString().ShouldBe("llama");
        ((int)good["context"]!).ShouldBe(1024);
        ((bool)good["has_template"]!).ShouldBeTrue();

        var bad = Inspect(Path.Combine(Shared.TinyChat, "nothing"));
        ((bool)bad["ok"]!).ShouldBeFalse();
        bad["reason"]!.ToString().ShouldContain("nothing");
    }

    [Fact]
    public void An_inspection_says_what_a_person_asks_before_downloading_and_why_something_cannot_be_served()
    {
        using var output = new StringWriter();

        InspectCommand.Print([Shared.TinyChat, Shared.Golden("models", "gemma2"), Path.Combine(Shared.TinyChat, "nothing")], output).ShouldBe(1);

        var text = output.ToString();
        text.ShouldContain("llama (generation)");
        text.ShouldContain("1,024 tokens");
        text.ShouldContain("chat template included");
        text.ShouldContain("gemma2 (generation)");
        text.ShouldContain("none: completions only, no chat");
        text.ShouldContain("torch: it reads the weights where they lie");
        text.ShouldContain("cannot be served:");
        var report = ModelReport.Of(Shared.TinyChat);
        report.Parameters.ShouldBe(2_951_616);
        report.Memory.Select(memory => memory.Format).ShouldBe(["f32", "bf16", "q8", "q4"]);
        report.Memory.Select(memory => memory.Bytes).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public void A_tokenizer_that_goes_beyond_the_embeddings_is_refused_before_anything_is_loaded()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Shared.Golden("models", "llama3"))) File.Copy(file, folder.File(Path.GetFileName(file)));
        var tokenizer = (JsonObject)JsonNode.Parse(File.ReadAllText(folder.File("tokenizer.json")))!;
        tokenizer["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 5000, ["content"] = "<|too far|>", ["special"] = true });
        File.WriteAllText(folder.File("tokenizer.json"), tokenizer.ToJsonString());

        ModelReport.Of(folder.Path).Refusal.ShouldNotBeNull().ShouldContain("goes up to id 5000");
        Should.Throw<ModelFolderException>(() => ModelLoader.Load(new ServeOptions("m", folder.Path) { Device = "cpu" }, TimeProvider.System, _ => { })).Message.ShouldContain("goes up to id 5000");
    }

    private static JsonNode Inspect(string path)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output)) InspectCommand.Write(json, ModelReport.Of(path));
        return JsonNode.Parse(Encoding.UTF8.GetString(output.ToArray()))!;
    }
}
