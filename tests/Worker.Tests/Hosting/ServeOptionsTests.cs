using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Worker.Hosting;

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

    private static JsonNode Inspect(string path)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output)) InspectCommand.Write(json, path);
        return JsonNode.Parse(Encoding.UTF8.GetString(output.ToArray()))!;
    }
}
