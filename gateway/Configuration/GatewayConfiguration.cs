using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Configuration;

/// <summary>Reads the settings in their order and binds them once; every error is listed at once.</summary>
public static class GatewayConfiguration
{
    private const string Option = "--config";

    /// <summary><c>appsettings.json</c> beside the program, <c>gateway.json</c> in the working directory, each <c>--config FILE</c>, environment, arguments.</summary>
    public static void AddSources(IConfigurationBuilder configuration, string[] args)
    {
        configuration.Sources.Clear();
        // What other programs of this field read; our own settings go before it.
        if (Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } hub)
            configuration.Add(new MemoryConfigurationSource { InitialData = [KeyValuePair.Create("Gateway:Hub:Address", (string?)hub)] });
        foreach (var (path, optional) in Files(args)) configuration.Add(new JsonSettings(path, optional));
        configuration.AddEnvironmentVariables().AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args);
    }

    /// <summary>The files that settings come from, in their order.</summary>
    public static IReadOnlyList<(string Path, bool Optional)> Files(string[] args)
    {
        List<(string, bool)> files = [(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), true), (Path.GetFullPath("gateway.json"), true)];
        for (var i = 0; i < args.Length; i++)
            if (args[i].StartsWith(Option + "=", StringComparison.OrdinalIgnoreCase)) files.Add((Path.GetFullPath(args[i][(Option.Length + 1)..]), false));
            else if (args[i].Equals(Option, StringComparison.OrdinalIgnoreCase) && i + 1 < args.Length) files.Add((Path.GetFullPath(args[++i]), false));
        return files;
    }

    /// <exception cref="ConfigurationException">With every error.</exception>
    public static GatewayOptions Read(IConfigurationRoot configuration)
    {
        var errors = new List<string>();
        SettingsSections.Check(configuration, errors);
        var binder = new SettingsBinder(errors);
        var options = binder.Bind<GatewayOptions>(SettingsNode.Read(configuration, "Gateway", errors));
        var unfit = new List<string>();
        SettingsCheck.Run(options, unfit);
        errors.AddRange(unfit.Where(error => !binder.Wrong.Any(wrong => FollowsFrom(wrong, error))));
        return errors.Count == 0 ? options : throw new ConfigurationException(errors);
    }

    // Of the same value, of what holds it and names it, or of a name that is missing where nothing could be read.
    private static bool FollowsFrom(string wrong, string error)
    {
        if (error.StartsWith(wrong + ":", StringComparison.Ordinal) || error.StartsWith(wrong + " ", StringComparison.Ordinal) || error.EndsWith(" in " + wrong, StringComparison.Ordinal)) return true;
        var holder = wrong[..Math.Max(0, wrong.LastIndexOf(':'))];
        return (error.StartsWith(holder + " ", StringComparison.Ordinal) || error.StartsWith(holder + ": ", StringComparison.Ordinal))
            && error[holder.Length..].Split(' ').Contains(wrong[(holder.Length + 1)..], StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>The settings cannot be used.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
