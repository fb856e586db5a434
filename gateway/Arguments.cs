using Gateway.Configuration;

namespace Gateway;

/// <summary>What stands on the command line of a gateway that serves, or shows its settings. The other verbs read theirs themselves.</summary>
internal static class Arguments
{
    private static readonly string[] Options =
    [
        "config", "urls", "environment", "contentRoot", "applicationName", "webroot", "AllowedHosts", "detailedErrors", "captureStartupErrors",
        "preferHostingUrls", "shutdownTimeoutSeconds", "suppressStatusMessages", "hostingStartupAssemblies", "hostingStartupExcludeAssemblies",
    ];

    // Of settings, ours and those that the web server reads.
    private static readonly string[] Sections = ["Gateway", "Logging", "Kestrel", "ConnectionStrings", "OpenTelemetry"];

    /// <exception cref="ConfigurationException">Something would be ignored; with all that would.</exception>
    public static void Check(string[] args)
    {
        var errors = new List<string>();
        foreach (var arg in args.Where(static arg => arg.StartsWith('-') && !arg.StartsWith("--", StringComparison.Ordinal) && arg.Contains('='))) errors.Add($"'{arg}' is not an option; they begin with two dashes");
        if (errors.Count == 0 && args is not ["pull" or "inspect" or "keys", ..]) Serving(args is ["config", "show", ..] ? args[2..] : args is ["serve", ..] ? args[1..] : args, errors);
        if (errors.Count > 0) throw new ConfigurationException(errors);
    }

    private static void Serving(string[] args, List<string> errors)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var (arg, key) = (args[i], args[i].TrimStart('-', '/').Split('=')[0]);
            var (dashed, hasValue) = (arg.StartsWith("--", StringComparison.Ordinal) || arg.StartsWith('/'), arg.Contains('='));
            if (!dashed && !hasValue) errors.Add($"'{arg}' is not known");
            else if (!IsKnown(key)) errors.Add($"'{arg.Split('=')[0]}' is not an option{Meant(key)}");
            else if (!hasValue && (i + 1 == args.Length || args[i + 1].StartsWith("--", StringComparison.Ordinal))) errors.Add($"'{arg}' needs a value");
            else if (key.Equals("config", StringComparison.OrdinalIgnoreCase) && (!arg.StartsWith("--", StringComparison.Ordinal) || arg.EndsWith('='))) errors.Add("A file of settings is named by '--config FILE'");
            if (dashed && !hasValue && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) i++; // its value
        }
    }

    private static bool IsKnown(string key) =>
        key.Contains(':') ? Sections.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase) : key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase) || Options.Contains(key, StringComparer.OrdinalIgnoreCase);

    private static string Meant(string key) => key.Contains(':')
        ? NearestName.Of(key.Split(':')[0], Sections) is { } section ? $"; is '--{section}:{key.Split(':', 2)[1]}' meant?" : ""
        : NearestName.Of(key, Options) is { } option ? $"; is '--{option}' meant?" : "";
}
