using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Shouldly;

namespace Gateway.TestKit;

/// <summary>The real gateway as a process of its own, on a port of its own.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> log = new();

    private readonly TemporaryFolder folder;

    private GatewayProcess(Process process, TemporaryFolder folder) => (Process, this.folder) = (process, folder);

    /// <summary>The process.</summary>
    public Process Process { get; }

    /// <summary>Its address, with a slash at the end.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Everything that it printed.</summary>
    public string Log => string.Join(Environment.NewLine, log);

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="arguments">After <c>--urls</c>; another <c>--urls</c> wins.</param>
    public static Task<GatewayProcess> StartAsync(params IEnumerable<string> arguments) => StartAsync([], arguments);

    /// <summary>The same, with variables of its environment.</summary>
    public static async Task<GatewayProcess> StartAsync((string Name, string Value)[] environment, params IEnumerable<string> arguments)
    {
        var folder = new TemporaryFolder();
        var gateway = new GatewayProcess(Start(folder, environment, arguments), folder);
        try
        {
            await gateway.WaitUntilReadyAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs it to its end, where it does not come to serve.</summary>
    /// <returns>Its exit code, and all that it printed.</returns>
    public static async Task<(int ExitCode, string Output)> EndAsync(params IEnumerable<string> arguments)
    {
        using var folder = new TemporaryFolder();
        using var process = Start(folder, [], arguments);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            var printed = await output + await errors;
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, printed);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Sends a signal as a terminal or a supervisor would.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, Process.Id.ToString(CultureInfo.InvariantCulture)])!;
        await kill.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited) Process.Kill(entireProcessTree: true);
        await Process.WaitForExitAsync();
        Process.Dispose();
        folder.Dispose();
    }

    private static Process Start(TemporaryFolder folder, (string Name, string Value)[] environment, IEnumerable<string> arguments)
    {
        var program = Path.Combine(Shared.Root, "gateway", "bin", Configuration, "net10.0", "Gateway.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path, // its database is there, unless it is told otherwise
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static string Configuration => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Debug" : "Release";

    private async Task WaitUntilReadyAsync()
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = ListenAsync(Process.StandardOutput, address);
        _ = ListenAsync(Process.StandardError, address);
        Address = await address.Task.WaitAsync(TimeSpan.FromSeconds(60));
        using var client = new HttpClient { BaseAddress = Address };
        while (true)
        {
            using var ready = await client.GetAsync("health/ready");
            if (ready.IsSuccessStatusCode) return;
            Process.HasExited.ShouldBeFalse(Log);
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
