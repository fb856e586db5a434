using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Gateway.TestKit;

/// <summary>
/// A Redis server of its own on loopback, with a temporary folder and nothing kept. Skips the running test where the program is absent.
/// It can be killed, and started again on the same port.
/// </summary>
public sealed class RedisProcess : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private Process? server;

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePort.Find();

    /// <summary>Its address, as settings have it.</summary>
    public string Address
    {
        get
        {
            if (Program is null) Assert.Skip("needs Redis (redis-server, Debian's package redis-server), which is absent");
            return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");
        }
    }

    private static string? Program { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(part => part.Length > 0).Select(part => Path.Combine(part, "redis-server")).FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Program is not null) await StartAsync();
    }

    /// <summary>Starts it, empty.</summary>
    public async Task StartAsync()
    {
        string[] arguments = ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.Path, "--enable-debug-command", "yes"];
        server = Process.Start(new ProcessStartInfo(Program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.Contains("Ready to accept connections", StringComparison.Ordinal)) continue;
            _ = server.StandardOutput.ReadToEndAsync(); // so that it never waits for a reader
            return;
        }

        throw new InvalidOperationException("the Redis server ended at its start");
    }

    /// <summary>Ends it at once.</summary>
    public async Task KillAsync()
    {
        if (server is null) return;
        server.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        folder.Dispose();
    }
}
