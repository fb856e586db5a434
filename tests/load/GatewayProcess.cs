using System.Diagnostics;
using System.Globalization;

namespace Gateway.Load;

/// <summary>The real gateway on a port of its own, with every process that it started.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process process;

    private GatewayProcess(Process process, Uri address, TimeSpan ready) => (this.process, Address, Ready) = (process, address, ready);

    public Uri Address { get; }

    /// <summary>From the start of the process to the first 200 of <c>/health/ready</c>.</summary>
    public TimeSpan Ready { get; }

    public static async Task<GatewayProcess> StartAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        var process = Process.Start(start)!;
        Uri? address = null;
        while (address is null && await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            var at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
            if (at >= 0) address = new Uri(new string([.. line[at..].TakeWhile(c => !char.IsWhiteSpace(c))]).TrimEnd('/') + "/");
        }

        if (address is null) throw new InvalidOperationException("The gateway ended before it printed its address.");
        _ = DrainAsync(process);
        using var client = new HttpClient { BaseAddress = address };
        while (true)
        {
            using var answer = await client.GetAsync("health/ready", cancellation);
            if (answer.IsSuccessStatusCode) break;
            await Task.Yield();
        }

        return new GatewayProcess(process, address, clock.Elapsed);
    }

    /// <summary>Resident memory of the gateway and its children in MB; Linux only.</summary>
    public double ResidentMegabytes()
    {
        var family = new HashSet<int> { process.Id };
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Order().ToList();
        foreach (var id in all)
            if (Field(id, "PPid:") is { } parent && family.Contains((int)parent)) family.Add(id);
        return family.Sum(id => Field(id, "VmRSS:") ?? 0) / 1024.0;
    }

    private static long? Field(int id, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // the process ended meanwhile
        }
    }

    private static async Task DrainAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is not null) { }
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])!) await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
