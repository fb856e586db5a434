using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Configuration;

/// <summary>Reads the settings in their order and binds them once; every error is listed at once.</summary>
public static class GatewayConfiguration
{
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
        for (var i = 0; i + 1 < args.Length; i++)
            if (args[i] == "--config") files.Add((Path.GetFullPath(args[i + 1]), false));
        return files;
    }

    /// <exception cref="ConfigurationException">With every error.</exception>
    public static GatewayOptions Read(IConfigurationRoot configuration)
    {
        var errors = new List<string>();
        var options = new SettingsBinder(errors).Bind<GatewayOptions>(SettingsNode.Read(configuration, "Gateway", errors));
        SettingsCheck.Run(options, errors);
        return errors.Count == 0 ? options : throw new ConfigurationException(errors);
    }
}

/// <summary>The settings cannot be used.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
