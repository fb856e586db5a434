namespace Gateway.Configuration;

/// <summary>
/// Sections beside <c>Gateway</c>. Others' are theirs (<c>Logging</c>, <c>Kestrel</c>, whatever a library reads); what was meant to be ours and
/// stands under another name would be ignored in silence.
/// </summary>
internal static class SettingsSections
{
    private const string Ours = "Gateway";
    private static readonly string[] All = [.. typeof(GatewayOptions).GetProperties().Select(static property => property.Name)];

    // Of ours, those that nobody else has.
    private static readonly string[] Telling = ["ModelsFolder", "EmbeddedModel", "StoredCompletions", "AdminKey", "AdminUrls", "AllowAnonymous", "RetryBudget", "BudgetTimeZone"];

    // Nobody else has these at the top, and may have them in a section of its own.
    private static readonly string[] AtTheTop = [.. Telling, "Upstreams", "Models"];

    public static void Check(IConfigurationRoot configuration, List<string> errors)
    {
        foreach (var provider in configuration.Providers)
            if (provider is JsonSettings.Provider file)
                foreach (var (name, keys) in file.Sections) InFile(file.File, name, keys, errors);
            else
                foreach (var name in provider.GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase).Where(IsNear))
                    if (provider.GetChildKeys([], name).Intersect(All, StringComparer.OrdinalIgnoreCase).Any()) errors.Add($"There is no section '{name}' in the environment; is '{Ours}' meant?");
    }

    private static void InFile(string file, string name, IReadOnlyList<string> keys, List<string> errors)
    {
        if (name.Equals(Ours, StringComparison.OrdinalIgnoreCase)) return;
        if (IsNear(name)) errors.Add($"{file}: there is no section '{name}'; is '{Ours}' meant?");
        else if (AtTheTop.Contains(name, StringComparer.OrdinalIgnoreCase)) errors.Add($"{file}: '{name}' stands outside of '{Ours}'");
        else if (keys.FirstOrDefault(static key => Telling.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } key) errors.Add($"{file}: '{key}' stands in '{name}'; is '{Ours}' meant?");
    }

    private static bool IsNear(string name) => !name.Equals(Ours, StringComparison.OrdinalIgnoreCase) && NearestName.Of(name, [Ours]) is not null;
}
