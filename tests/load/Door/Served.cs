using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Load.Door;

/// <summary>A server process that prints its address, pinned to one core, and what it used.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly Process process;

    private Served(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Processor time so far.</summary>
    public ProcessorTime Used => ProcessorTime.Of(process.Id);

    /// <summary>Bytes allocated so far, as a page of its own says: a number, or a line of Prometheus' text.</summary>
    public async Task<double> AllocatedAsync(string page)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}{page}"));
        var line = text.Split('\n').FirstOrDefault(static line => line.StartsWith("dotnet_gc_heap_total_allocated", StringComparison.Ordinal)) ?? text;
        // Prometheus adds a time after the number.
        return line.Split(' ').Skip(line == text ? 0 : 1).Select(static word => double.Parse(word, CultureInfo.InvariantCulture)).First();
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

    /// <summary>One that does not say its address, but listens where it is told to.</summary>
    public static async Task<Served> StartAsync(int core, int port, params string[] command)
    {
        var process = Process.Start(new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), .. command]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() })!;
        _ = DrainAsync(process);
        while (!process.HasExited)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return new Served(process, port);
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException($"'{string.Join(' ', command)}' ended before it listened.");
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
