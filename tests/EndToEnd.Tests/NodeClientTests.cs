using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gateway.EndToEnd.Tests;

/// <summary>The <c>openai</c> npm package, unmodified, against the real gateway.</summary>
public class NodeClientTests(RunningGateway gateway)
{
    [Fact]
    public async Task The_npm_package_chats_streams_and_reads_errors()
    {
        var folder = Path.Combine(Shared.Root, "tests", "EndToEnd.Tests", "node");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "openai"))) Assert.Skip("needs the openai package: npm install --no-package-lock in tests/EndToEnd.Tests/node");
        using var node = Start(folder);
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);

        node.ExitCode.ShouldBe(0, errors);
        var seen = JsonNode.Parse(output)!;
        ((string?)seen["plain"]).ShouldBe((string?)seen["streamed"]);
        ((string?)seen["plain"])!.ShouldContain("Paris");
        ((int)seen["usage"]!["total_tokens"]!).ShouldBeGreaterThan(0);
        ((int)seen["choices"]!).ShouldBe(3);
        ((string?)seen["completion"])!.Length.ShouldBeGreaterThan(0);
        ((int)seen["notFound"]!["status"]!).ShouldBe(404);
        ((string?)seen["notFound"]!["code"]).ShouldBe("model_not_found");
        ((string?)seen["notFound"]!["requestID"])!.ShouldNotBeNullOrEmpty();
        ((string?)seen["badRequest"]!["param"]).ShouldBe("temperature");
        seen["models"]!.AsArray().Select(model => (string?)model).ShouldContain("tiny-chat");
    }

    private Process Start(string folder)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", ["client.mjs", new Uri(gateway.Address, "v1").ToString()]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("needs Node");
            throw;
        }
    }
}
