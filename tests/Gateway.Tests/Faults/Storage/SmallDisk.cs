using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Gateway.Tests.Faults.Storage;

/// <summary>A disk of two megabytes. Skips the running test where none can be made.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>Where it is.</summary>
    public string Path => folder.Path;

    public static async Task<SmallDisk> MakeAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Skip("needs Linux and root, to make a small disk");
        var disk = new SmallDisk();
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.Path) == 0) return disk;
        disk.folder.Dispose();
        Assert.Skip("needs the right to make a small disk");
        return disk;
    }

    /// <summary>Leaves no byte.</summary>
    public async Task FillAsync()
    {
        try
        {
            await using var ballast = new FileStream(System.IO.Path.Combine(Path, "ballast"), FileMode.Append);
            while (true) await ballast.WriteAsync(new byte[4_096]);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(System.IO.Path.Combine(Path, "ballast"));

    public async ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        (await RunAsync("umount", "-l", Path)).ShouldBe(0);
        folder.Dispose();
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
