namespace Gateway.Pulling;

/// <summary>
/// The folders of one pull. All work happens in a hidden folder beside the target, on the same file system, so that publishing is a rename:
/// <c>.NAME.pulling/state</c> holds what is on its way, <c>.NAME.pulling/files</c> what is verified. One process at a time, by a lock.
/// </summary>
internal sealed class PullFolders : IDisposable
{
    private readonly FileStream guard;
    private readonly string old;

    private PullFolders(string models, string name, FileStream guard)
    {
        this.guard = guard;
        Target = Path.Combine(models, name);
        Work = WorkFolder(models, name);
        old = Path.Combine(models, $".{name}.old");
    }

    public string Target { get; }

    public string Work { get; }

    public string State => Path.Combine(Work, "state");

    public string Files => Path.Combine(Work, "files");

    /// <exception cref="PullException">Another pull of this model runs, or the folder cannot be written.</exception>
    public static PullFolders Open(string models, string name)
    {
        if (!FilePaths.IsSafe(name) || name.Contains('/') || name.StartsWith('.')) throw new PullException($"'{FilePaths.Printable(name)}' cannot be a folder's name");
        FileStream? guard = null;
        try
        {
            Directory.CreateDirectory(models);
            guard = Lock(Path.Combine(models, $".{name}.lock"));
            var folders = new PullFolders(Path.GetFullPath(models), name, guard);
            folders.Recover();
            Directory.CreateDirectory(folders.State);
            return folders;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            guard?.Dispose();
            throw new PullException($"{models} cannot be written: {e.Message}");
        }
    }

    /// <summary>Puts the verified files in the target's place; what was there goes away after it.</summary>
    public void Publish()
    {
        if (Directory.Exists(Target)) Directory.Move(Target, old);
        Directory.Move(Files, Target);
        if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        Directory.Delete(Work, recursive: true);
    }

    /// <summary>A process that was killed between verifying and publishing left files in both folders: they are one again, and verified again.</summary>
    public void TakeBack(IEnumerable<(string Part, string Ready)> places)
    {
        if (Directory.Exists(Files))
        {
            foreach (var (part, ready) in places.Where(place => File.Exists(place.Ready))) File.Move(ready, part + ".part", overwrite: true);
            Directory.Delete(Files, recursive: true);
        }

        Directory.CreateDirectory(Files);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Work) && !Directory.EnumerateFiles(Work, "*", SearchOption.AllDirectories).Any()) Directory.Delete(Work, recursive: true);
        guard.Dispose();
    }

    /// <summary>A process that was killed between the two renames of <see cref="Publish"/> left the former model aside.</summary>
    private void Recover()
    {
        if (!Directory.Exists(old)) return;
        if (Directory.Exists(Target)) Directory.Delete(old, recursive: true);
        else Directory.Move(old, Target);
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose });
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new PullException("another pull of this model is running");
        }
    }

    private static string WorkFolder(string models, string name) => Path.Combine(models, $".{name}.pulling");
}
