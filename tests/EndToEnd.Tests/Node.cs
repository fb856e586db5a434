using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gateway.EndToEnd.Tests;

/// <summary>Runs a script of <c>node/</c> with the <c>openai</c> npm package, unmodified.</summary>
internal static class Node
{
    private static readonly string Folder = Path.Combine(Shared.Root, "tests", "EndToEnd.Tests", "node");

    /// <summary>Skips the running test, counted, where a package is absent.</summary>
    public static void Require(params string[] packages)
    {
        foreach (var package in packages)
            if (!Directory.Exists(Path.Combine(Folder, "node_modules", package))) Assert.Skip($"needs the {package} package: npm install --no-package-lock in tests/EndToEnd.Tests/node");
    }

    /// <returns>What the script printed; skips where Node or the <c>openai</c> package is absent.</returns>
    public static async Task<JsonNode> RunAsync(string script, Uri gateway, params string[] arguments)
    {
        Require("openai");
        using var node = Start(script, gateway, arguments);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        node.ExitCode.ShouldBe(0, await errors);
        return JsonNode.Parse(output)!;
    }

    private static Process Start(string script, Uri gateway, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", [script, new Uri(gateway, "v1").ToString(), .. arguments]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("needs Node");
            throw;
        }
    }
}
