using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

[assembly: AssemblyFixture(typeof(Gateway.EndToEnd.Tests.RunningGateway))]

namespace Gateway.EndToEnd.Tests;

/// <summary>The real gateway process with real workers, on a port of its own. One for all suites; tests that break things start their own.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> log = new();
    private Process? process;

    /// <summary>The address, with a slash at the end.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Everything that it printed.</summary>
    public string Log => string.Join(Environment.NewLine, log);

    /// <summary>The process; for tests that end it.</summary>
    public Process Process => process!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await StartAsync([.. Published("smollm2", "smollm2-135m-instruct-gguf"), .. Published("minilm", "all-minilm-l6-v2")]);

    /// <summary>Starts it and waits until its model is loaded.</summary>
    public async Task StartAsync(params string[] arguments)
    {
        var program = Path.Combine(Shared.Root, "gateway", "bin", Configuration, "net10.0", "Gateway.dll");
        process = Process.Start(new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = ListenAsync(process.StandardOutput, address);
        _ = ListenAsync(process.StandardError, address);
        Address = await address.Task.WaitAsync(TimeSpan.FromSeconds(60));
        using var client = new HttpClient { BaseAddress = Address };
        while (true)
        {
            using var ready = await client.GetAsync("health/ready");
            if (ready.IsSuccessStatusCode) return;
            process.HasExited.ShouldBeFalse(Log);
        }
    }

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
    public async ValueTask DisposeAsync()
    {
        if (process is null) return;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    // Real models beside the embedded one, where the folder is there: they load at their first call.
    private static string[] Published(string name, string folder) =>
        Path.Combine(Shared.Root, "..", "shared", "models", folder) is var path && Directory.Exists(path) ? [$"--Gateway:Models:{name}:Path={Path.GetFullPath(path)}"] : [];

    private static string Configuration => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Debug" : "Release";

    private bool IsChild(int id)
    {
        try
        {
            return File.ReadLines($"/proc/{id}/status").Any(line => line == $"PPid:\t{process!.Id}");
        }
        catch (IOException)
        {
            return false; // it ended meanwhile
        }
    }

    private async Task ListenAsync(StreamReader output, TaskCompletionSource<Uri> address)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            log.Enqueue(line);
            var at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
            if (at >= 0) address.TrySetResult(new Uri(new string([.. line[at..].TakeWhile(c => !char.IsWhiteSpace(c) && c != ',')]).TrimEnd('/') + "/"));
        }

        address.TrySetException(new InvalidOperationException("The gateway ended before it printed its address: " + Log));
    }
}
