using System.Diagnostics;
using System.Globalization;

[assembly: AssemblyFixture(typeof(Gateway.EndToEnd.Tests.RunningGateway))]

namespace Gateway.EndToEnd.Tests;

/// <summary>The real gateway process with real workers, on a port of its own. One for all suites; tests that break things start their own.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    private GatewayProcess? gateway;

    /// <summary>The address, with a slash at the end.</summary>
    public Uri Address => gateway!.Address;

    /// <summary>Everything that it printed.</summary>
    public string Log => gateway!.Log;

    /// <summary>The process; for tests that end it.</summary>
    public Process Process => gateway!.Process;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await StartAsync([.. Published("smollm2", "smollm2-135m-instruct-gguf"), .. Published("minilm", "all-minilm-l6-v2")]);

    /// <summary>Starts it and waits until its model is loaded.</summary>
    public Task StartAsync(params string[] arguments) => StartAsync([], arguments);

    /// <summary>The same, with variables of its environment.</summary>
    public async Task StartAsync((string Name, string Value)[] environment, params string[] arguments) => gateway = await GatewayProcess.StartAsync(environment, arguments);

    /// <summary>Sends a signal as a terminal or a supervisor would.</summary>
    public static async Task SignalAsync(string signal, int id)
    {
        using var kill = Process.Start("kill", ["-" + signal, id.ToString(CultureInfo.InvariantCulture)])!;
        await kill.WaitForExitAsync();
    }

    /// <summary>Ids of the workers that this gateway started; Linux only.</summary>
    public IReadOnlyList<int> Workers() =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(IsChild)];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => gateway?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Real models beside the embedded one, where the folder is there: they load at their first call.
    private static string[] Published(string name, string folder) =>
        Path.Combine(Shared.Root, "..", "shared", "models", folder) is var path && Directory.Exists(path) ? [$"--Gateway:Models:{name}:Path={Path.GetFullPath(path)}"] : [];

    private bool IsChild(int id)
    {
        try
        {
            return File.ReadLines($"/proc/{id}/status").Any(line => line == $"PPid:\t{Process.Id}");
        }
        catch (IOException)
        {
            return false; // it ended meanwhile
        }
    }
}
