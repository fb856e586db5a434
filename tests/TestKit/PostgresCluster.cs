using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Gateway.TestKit;

/// <summary>
/// A PostgreSQL server of its own in a temporary folder, reached by a socket in that folder and by nothing else. Skips the running test
/// where the programs are absent. As root it runs as the user <c>postgres</c>, because the server refuses root.
/// </summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private const string User = "postgres";
    private TemporaryFolder? folder;
    private Process? server;
    private string? program;

    /// <summary>The connection string of a database; it need not be there yet.</summary>
    public string Connection(string database)
    {
        if (folder is null) Assert.Skip("needs PostgreSQL (initdb and postgres, Debian's package postgresql), which is absent");
        return $"Host={folder.Path};Username={User};Database={database};Pooling=false";
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows() || (Environment.IsPrivilegedProcess && !(File.Exists("/usr/bin/setpriv") && HasUser()))) return;
        if (Find("initdb") is not { } initdb || Find("postgres") is not { } postgres) return;
        folder = new TemporaryFolder();
        if (Environment.IsPrivilegedProcess) await RunAsync(Process.Start("chown", [User, folder.Path]));
        await RunAsync(Start(initdb, "-D", folder.File("data"), "-U", User, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"));
        program = postgres;
        await StartAsync();
    }

    /// <summary>Starts it, after <see cref="StopAsync"/> with what it had.</summary>
    public async Task StartAsync()
    {
        server = Start(program!, "-D", folder!.File("data"), "-k", folder.Path, "-c", "listen_addresses=", "-F");
        while (await server.StandardError.ReadLineAsync() is { } line)
        {
            if (!line.Contains("ready to accept connections", StringComparison.Ordinal)) continue;
            _ = server.StandardError.ReadToEndAsync(); // so that it never waits for a reader
            return;
        }

        throw new InvalidOperationException("the database server ended at its start");
    }

    /// <summary>Stops it: who is connected is cut.</summary>
    public async Task StopAsync()
    {
        if (server is null) return;
        await RunAsync(Process.Start("kill", ["-INT", server.Id.ToString(CultureInfo.InvariantCulture)]));
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder?.Dispose();
    }

    private static bool HasUser() => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(User + ":", StringComparison.Ordinal));

    private static string? Find(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).AsEnumerable();
        if (Directory.Exists("/usr/lib/postgresql")) folders = folders.Concat(Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")));
        return folders.Where(part => part.Length > 0).Select(part => Path.Combine(part, program)).FirstOrDefault(File.Exists);
    }

    private Process Start(string program, params string[] arguments)
    {
        string[] whole = Environment.IsPrivilegedProcess ? ["/usr/bin/setpriv", $"--reuid={User}", $"--regid={User}", "--init-groups", program, .. arguments] : [program, .. arguments];
        return Process.Start(new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder!.Path })!;
    }

    private static async Task RunAsync(Process process)
    {
        var said = process.StartInfo.RedirectStandardError ? Task.WhenAll(process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync()) : null;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{process.StartInfo.FileName} failed: {(said is null ? "" : string.Join(' ', await said))}");
        process.Dispose();
    }
}
