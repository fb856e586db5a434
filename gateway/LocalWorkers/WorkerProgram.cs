using System.Diagnostics;
using System.Reflection;

namespace Gateway.LocalWorkers;

/// <summary>Where the worker program is and how it is started.</summary>
public static class WorkerProgram
{
    private static readonly string Location = Locate();

    /// <summary>Starts it; its standard input stays open as long as the gateway lives, and its end tells the worker to go.</summary>
    public static Process Start(IEnumerable<string> arguments, bool redirectOutput)
    {
        // An own executable where there is one; else the host that runs this program.
        var executable = Path.ChangeExtension(Location, OperatingSystem.IsWindows() ? ".exe" : null);
        var host = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : null;
        var start = host is null && File.Exists(executable) ? new ProcessStartInfo(executable, arguments) : new ProcessStartInfo(host ?? "dotnet", [Location, .. arguments]);
        start.RedirectStandardInput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = redirectOutput;
        // The gateway's own address and settings are not the worker's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Gateway__", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment.Remove(SocketThreads.Variable); // a worker's calls compute
        return Process.Start(start) ?? throw new InvalidOperationException("The worker program could not be started.");
    }

    /// <summary>Beside a published gateway; else where the build said that it put it.</summary>
    private static string Locate()
    {
        var published = Path.Combine(AppContext.BaseDirectory, "worker", "Gateway.Worker.dll");
        if (File.Exists(published)) return published;
        var built = typeof(WorkerProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == "Worker")?.Value;
        var path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, built ?? ""));
        return File.Exists(path) ? path : throw new FileNotFoundException($"The worker program is neither at {published} nor at {path}.");
    }
}
