namespace Gateway.Pulling;

/// <summary>What is to be pulled.</summary>
/// <param name="Model">Where from.</param>
/// <param name="Files">Files, patterns or quantizations; empty for the usual.</param>
/// <param name="FolderName">The folder's name, which is the published name.</param>
internal sealed record PullRequest(ModelReference Model, IReadOnlyList<string> Files, string FolderName)
{
    public static PullRequest For(ModelReference model) => new(model, model.File is null ? [] : [model.File], model.FolderName);
}

/// <summary>
/// Pulls a model into a folder: list, choose, download what is missing, verify, publish. Killed at any moment it leaves the target as it was,
/// and the next pull goes on where this one ended.
/// </summary>
internal sealed class ModelPull(HubClient hub, HubOptions options, TimeProvider time, Func<string, long>? freeBytes = null)
{
    private const long SpareBytes = 64L << 20; // what a file system wants for itself
    private readonly Func<string, long> freeBytes = freeBytes ?? (folder => new DriveInfo(folder).AvailableFreeSpace);

    /// <summary>Returns the folder.</summary>
    /// <exception cref="PullException">It cannot be pulled.</exception>
    public async Task<string> RunAsync(string modelsFolder, PullRequest request, PullProgress progress, CancellationToken cancellation)
    {
        using var folders = PullFolders.Open(modelsFolder, request.FolderName);
        var former = PulledModel.Read(folders.Target);
        if (Directory.Exists(folders.Target) && former?.Repository != request.Model.Repository)
            throw new PullException($"{folders.Target} exists and {(former is null ? "was not pulled" : $"came from {former.Repository}")}; pull under another name with --name");

        var revision = await new Patience(options, time, progress).TryAsync(() => hub.RevisionAsync(request.Model, cancellation), cancellation);
        var files = FileSelection.Choose(revision.Files, request.Files, progress.Say);
        var places = files.ToDictionary(file => file.Path, file => (Part: FilePaths.Under(folders.State, file.Path), Ready: FilePaths.Under(folders.Files, file.Path)));
        var manifest = new PulledModel(request.Model.Repository, request.Model.Revision, revision.Commit, request.Files, files.ToDictionary(file => file.Path, file => file.Digest.Hex));
        if (former is not null && former.Answers(request.Model, request.Files) && IsSame(former, manifest, folders.Target, files))
        {
            progress.Say($"{request.FolderName} is up to date");
            return folders.Target;
        }

        folders.TakeBack(places.Values);
        foreach (var file in files) Reuse(former, folders.Target, file, places[file.Path].Part);
        await DownloadAsync(request.Model, revision.Commit, files, places, folders.Work, progress, cancellation);
        manifest.Write(folders.Files);
        folders.Publish();
        return folders.Target;
    }

    private async Task DownloadAsync(ModelReference model, string commit, IReadOnlyList<HubFile> files, Dictionary<string, (string Part, string Ready)> places, string folder, PullProgress progress, CancellationToken cancellation)
    {
        var parts = new List<PartialFile>();
        try
        {
            foreach (var file in files) parts.Add(PartialFile.Open(file, places[file.Path].Part));
            if (parts.Sum(part => part.Resumed) is > 0 and var resumed) progress.Say($"{Texts.Bytes(resumed)} are there from before");
            progress.Begin(files.Sum(file => file.Size), parts.Sum(part => part.Resumed));
            CheckSpace(folder, parts.Sum(part => part.File.Size - part.Resumed));
            var downloads = new Downloads(hub, options, time, model, commit, progress);
            await downloads.RunAsync(parts, cancellation);
            for (var i = 0; i < parts.Count; i++)
            {
                if (await IsRightAsync(parts[i], places[files[i].Path].Part, cancellation)) continue;
                // Bytes of an earlier attempt may be to blame, of another disk or a crash; those of this one come from the hub as they are.
                var resumedBytes = parts[i].Resumed;
                parts[i].Discard();
                if (resumedBytes == 0) throw new PullException($"{files[i].Path} has come with a wrong checksum and was thrown away; the hub, or something on the way, alters it");
                progress.Say($"{files[i].Path} has a wrong checksum and is pulled anew");
                progress.Lose(files[i].Size);
                parts[i] = PartialFile.Open(files[i], places[files[i].Path].Part);
                await downloads.RunAsync([parts[i]], cancellation);
                i--;
            }

            for (var i = 0; i < parts.Count; i++) parts[i].MoveTo(places[files[i].Path].Ready);
        }
        finally
        {
            parts.ForEach(part => part.Dispose());
        }
    }

    private static async Task<bool> IsRightAsync(PartialFile part, string path, CancellationToken cancellation)
    {
        part.Flush();
        return await part.File.Digest.OfAsync(path + ".part", cancellation) == part.File.Digest;
    }

    /// <summary>A published file that is the same in the new revision need not come again.</summary>
    private static void Reuse(PulledModel? former, string target, HubFile file, string part)
    {
        if (former is null || !former.Digests.TryGetValue(file.Path, out var digest) || digest != file.Digest.Hex) return;
        var published = FilePaths.Under(target, file.Path);
        if (File.Exists(part + ".log") || !File.Exists(published) || new FileInfo(published).Length != file.Size) return;
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        File.Copy(published, part + ".part", overwrite: true);
        using var partial = PartialFile.Open(file, part);
        partial.Commit(new ByteRange(0, file.Size));
    }

    private static bool IsSame(PulledModel former, PulledModel wanted, string target, IReadOnlyList<HubFile> files) =>
        former.Digests.Count == wanted.Digests.Count && files.All(file =>
            former.Digests.GetValueOrDefault(file.Path) == file.Digest.Hex && new FileInfo(FilePaths.Under(target, file.Path)) is { Exists: true } there && there.Length == file.Size);

    private void CheckSpace(string folder, long needed)
    {
        var free = freeBytes(folder);
        if (needed > 0 && needed + SpareBytes > free) throw new PullException($"{Texts.Bytes(needed)} are still to come, and the disk of {folder} has {Texts.Bytes(free)} free");
    }
}
