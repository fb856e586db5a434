using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gateway.EndToEnd.Tests;

/// <summary>Runs a script of <c>node/</c> with the <c>openai</c> npm package, unmodified.</summary>
internal static class Node
{
    /// <returns>What the script printed; skips where Node or the package is absent.</returns>
    public static async Task<JsonNode> RunAsync(string script, Uri gateway)
    {
        var folder = Path.Combine(Shared.Root, "tests", "EndToEnd.Tests", "node");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "openai"))) Assert.Skip("needs the openai package: npm install --no-package-lock in tests/EndToEnd.Tests/node");
        using var node = Start(folder, script, gateway);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        node.ExitCode.ShouldBe(0, await errors);
        return JsonNode.Parse(output)!;
    }

    private static Process Start(string folder, string script, Uri gateway)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", [script, new Uri(gateway, "v1").ToString()]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("needs Node");
            throw;
        }
    }
}
