using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Gateway.Configuration;

/// <summary>
/// Settings as a tree, made once of all sources. The framework's own sections look through every key for each of their children, which takes
/// half a minute for 10,000 models; and they do not say how a file spelled a name, keys having no case.
/// </summary>
internal sealed class SettingsNode
{
    private readonly Dictionary<string, SettingsNode> children = new(StringComparer.OrdinalIgnoreCase);
    private readonly string? file; // that spelled it, if one did

    private SettingsNode(string key, string path, string? file) => (Key, Path, this.file) = (key, path, file);

    /// <summary>As the first source spelled it.</summary>
    public string Key { get; }

    /// <summary>With all above it, parted by colons.</summary>
    public string Path { get; }

    /// <summary>What the last source said.</summary>
    public string? Value { get; private set; }

    /// <summary>Whether a file has a list here.</summary>
    public bool IsArray { get; private set; }

    public bool HasChildren => children.Count > 0;

    /// <summary>Numbers by their value, others by name.</summary>
    public IEnumerable<SettingsNode> Children => children.Values.OrderBy(static child => child.Key, ConfigurationKeyComparer.Instance);

    /// <summary>What stands under <paramref name="section"/>; names of files that only their case tells apart are listed.</summary>
    public static SettingsNode Read(IConfigurationRoot configuration, string section, List<string> errors)
    {
        var root = new SettingsNode(section, section, null);
        foreach (var provider in configuration.Providers)
        {
            var settings = provider as JsonSettings.Provider;
            foreach (var (path, value) in settings?.All ?? Walk(provider, section))
                if (path.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)) root.At(path.Split(':').AsSpan(1), settings?.File, errors).Value = value;
                else if (path.Equals(section, StringComparison.OrdinalIgnoreCase) && provider is not EnvironmentVariablesConfigurationProvider) root.Value = value; // there GATEWAY is another program's
            if (settings is null) continue;
            errors.AddRange(settings.Errors);
            foreach (var path in settings.Arrays.Where(path => path.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase))) root.At(path.Split(':').AsSpan(1), null, errors).IsArray = true;
        }

        return root;
    }

    private static IEnumerable<(string, string?)> Walk(IConfigurationProvider provider, string path)
    {
        if (provider.TryGet(path, out var value)) yield return (path, value);
        foreach (var key in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
            foreach (var below in Walk(provider, $"{path}:{key}")) yield return below;
    }

    private SettingsNode At(ReadOnlySpan<string> keys, string? of, List<string> errors)
    {
        var node = this;
        foreach (var key in keys)
        {
            if (!node.children.TryGetValue(key, out var child)) node.children.Add(key, child = new SettingsNode(key, $"{node.Path}:{key}", of));
            else if (of is not null && child.Key != key && child.file is { } first && node.HoldsNames) Collide(errors, node, (child.Key, first), (key, of));
            node = child;
        }

        return node;
    }

    // Of models and upstreams; the names of settings are ours, and have no case.
    private bool HoldsNames => Path.Equals("Gateway:Models", StringComparison.OrdinalIgnoreCase) || Path.Equals("Gateway:Upstreams", StringComparison.OrdinalIgnoreCase);

    private static void Collide(List<string> errors, SettingsNode node, (string Key, string File) first, (string Key, string File) second)
    {
        var error = $"{SettingNames.Unescape(node.Path)}: '{SettingNames.Unescape(first.Key)}' ({first.File}) and '{SettingNames.Unescape(second.Key)}' ({second.File}) differ only in case, which settings do not tell apart";
        if (!errors.Contains(error)) errors.Add(error);
    }
}
