using Gateway.Models;

namespace Gateway.Configuration;

/// <summary>Whether names that settings use are names of something. What of it a worker program cannot serve is only known later.</summary>
internal static class NamesCheck
{
    public static void Run(GatewayOptions options, List<string> errors)
    {
        Aliases(options, errors);
        var folders = InFolders(options, errors);
        var locals = options.Models.Where(static model => model.Value.Targets.Count == 0).Select(static model => model.Key).Concat(folders).ToHashSet(StringComparer.Ordinal);
        var owners = new NameTable<string>(options.Models.Keys.Concat(folders).Select(static name => (name, name)).Concat(options.Models.SelectMany(static model => model.Value.Aliases.Select(alias => (alias, model.Key)))));

        foreach (var (name, model) in options.Models)
        {
            foreach (var (i, target) in model.Targets.Index())
                if (target.Local is { } local && !locals.Contains(local)) errors.Add($"Gateway:Models:{name}:Targets:{i}:Local: no local model '{local}' is served");
            foreach (var fallback in model.Fallbacks)
            {
                var found = owners.Find(fallback);
                if (found is null) errors.Add($"Gateway:Models:{name}:Fallbacks: no model '{fallback}' is published");
                else if (found == name && !name.Contains('*')) errors.Add($"Gateway:Models:{name}:Fallbacks: '{fallback}' is this model itself");
            }
        }
    }

    private static void Aliases(GatewayOptions options, List<string> errors)
    {
        foreach (var (name, model) in options.Models)
            if (model.Aliases.Any(string.IsNullOrWhiteSpace)) errors.Add($"Gateway:Models:{name}:Aliases: a name is empty");
        foreach (var twice in options.Models.SelectMany(static model => model.Value.Aliases.Select(alias => (Alias: alias, model.Key))).GroupBy(static alias => alias.Alias, StringComparer.Ordinal))
            if (twice.Count() > 1 || options.Models.ContainsKey(twice.Key)) errors.Add($"Gateway:Models:{twice.Last().Key}:Aliases: '{twice.Key}' is the name of another model");
    }

    private static List<string> InFolders(GatewayOptions options, List<string> errors)
    {
        try
        {
            return [.. ModelDiscovery.Find(options with { Models = [] }).Select(static model => model.Name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"Gateway:ModelsFolder: {e.Message}");
            return [];
        }
    }
}
