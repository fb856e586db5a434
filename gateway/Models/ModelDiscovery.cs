using Gateway.Configuration;

namespace Gateway.Models;

/// <summary>Finds the models that the settings name, those of the models folder, and the embedded one.</summary>
public static class ModelDiscovery
{
    private const string EmbeddedName = "tiny-chat";

    /// <summary>Candidates in order of precedence: the first of a name is the one that counts.</summary>
    public static IReadOnlyList<PublishedModel> Find(GatewayOptions options)
    {
        var found = new Dictionary<string, PublishedModel>(StringComparer.Ordinal);
        foreach (var (name, model) in options.Models) Add(name, model.Path!, model);
        var folder = Path.GetFullPath(options.ModelsFolder);
        if (Directory.Exists(folder))
        {
            foreach (var path in Directory.EnumerateDirectories(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)) Add(Path.GetFileName(path), path, new ModelOptions());
            foreach (var path in Directory.EnumerateFiles(folder, "*.gguf").Order(StringComparer.Ordinal)) Add(Path.GetFileNameWithoutExtension(path), path, new ModelOptions());
        }

        // The model of a fresh start answers at once; beside others it loads like them, at its first call.
        var embedded = Path.Combine(AppContext.BaseDirectory, "models", EmbeddedName);
        if (options.EmbeddedModel && Directory.Exists(embedded)) Add(EmbeddedName, embedded, new ModelOptions { Preload = found.Count == 0 });
        return [.. found.Values];

        void Add(string name, string path, ModelOptions model) =>
            found.TryAdd(name, new PublishedModel(name, Path.GetFullPath(path), model, new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds()));
    }
}
