using System.Diagnostics;
using System.Globalization;

namespace Gateway.Load.Door;

/// <summary>A server process that prints its address, pinned to one core, and what it used.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly Process process;

    private Served(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Processor time so far.</summary>
    public TimeSpan Used
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Most memory so far, in MB; Linux only.</summary>
    public double PeakMegabytes => long.Parse(File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024.0;

    /// <param name="core">The one core that it may use.</param>
    /// <param name="command">Program and arguments.</param>
    public static async Task<Served> StartAsync(int core, params string[] command)
    {
        var process = Process.Start(new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), .. command]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
            if (at < 0) continue;
            _ = DrainAsync(process);
            return new Served(process, new Uri(new string([.. line[at..].TakeWhile(static c => !char.IsWhiteSpace(c) && c != ',')])).Port);
        }

        throw new InvalidOperationException($"'{string.Join(' ', command)}' ended before it printed its address.");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task DrainAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is not null)
        {
        }
    }
}
