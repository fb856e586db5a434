using Gateway.Configuration;
using Gateway.Pulling;

namespace Gateway.Models;

/// <summary>Finds the models that the settings name, those of the models folder, and the embedded one.</summary>
public static class ModelDiscovery
{
    private const string EmbeddedName = "tiny-chat";

    /// <summary>Candidates in order of precedence: the first of a name is the one that counts.</summary>
    public static IReadOnlyList<LocalModel> Find(GatewayOptions options)
    {
        var found = new Dictionary<string, LocalModel>(StringComparer.Ordinal);
        var folder = Path.GetFullPath(options.ModelsFolder);
        var pulled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, model) in options.Models.Where(entry => entry.Value.Targets.Count == 0))
        {
            var source = ModelReference.IsReference(model.Path!) ? ModelReference.Parse(model.Path!) : null;
            var path = source is null ? model.Path! : Path.Combine(folder, source.FolderName);
            if (source is not null) pulled.Add(path);
            Add(name, path, model, source);
        }

        if (Directory.Exists(folder))
        {
            foreach (var path in Directory.EnumerateDirectories(folder).Where(path => !Path.GetFileName(path).StartsWith('.') && !pulled.Contains(path)).Order(StringComparer.Ordinal)) Add(Path.GetFileName(path), path, new ModelOptions());
            foreach (var path in Directory.EnumerateFiles(folder, "*.gguf").Order(StringComparer.Ordinal)) Add(Path.GetFileNameWithoutExtension(path), path, new ModelOptions());
        }

        // The model of a fresh start answers at once; beside others it loads like them, at its first call.
        var embedded = Path.Combine(AppContext.BaseDirectory, "models", EmbeddedName);
        if (options.EmbeddedModel && Directory.Exists(embedded)) Add(EmbeddedName, embedded, new ModelOptions { Preload = found.Count == 0 && options.Models.Count == 0 });
        return [.. found.Values];

        void Add(string name, string path, ModelOptions model, ModelReference? source = null) =>
            found.TryAdd(name, new LocalModel(name, Path.GetFullPath(path), model, Math.Max(0, new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds()), source));
    }
}
