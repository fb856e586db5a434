using Gateway.Pulling;
using Gateway.Storage;
using Gateway.StoredCompletions;

namespace Gateway.Configuration;

/// <summary>Reads the settings in their order and binds them once; every error is listed at once.</summary>
public static class GatewayConfiguration
{
    private static readonly string[] Backends = ["auto", "torch", "onnx"];
    private static readonly string[] Weights = ["auto", "f32", "f16", "bf16", "q8", "q4"];

    /// <summary><c>appsettings.json</c> beside the program, <c>gateway.json</c> in the working directory, each <c>--config FILE</c>, environment, arguments.</summary>
    public static void AddSources(IConfigurationManager configuration, string[] args)
    {
        configuration.Sources.Clear();
        // What other programs of this field read; our own settings go before it.
        if (Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } hub) configuration.AddInMemoryCollection([KeyValuePair.Create("Gateway:Hub:Address", (string?)hub)]);
        configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        configuration.AddJsonFile(Path.GetFullPath("gateway.json"), optional: true);
        for (var i = 0; i + 1 < args.Length; i++)
            if (args[i] == "--config") configuration.AddJsonFile(Path.GetFullPath(args[i + 1]), optional: false);
        configuration.AddEnvironmentVariables().AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args);
    }

    /// <exception cref="ConfigurationException">With every error.</exception>
    public static GatewayOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Gateway");
        var errors = new List<string>();
        Known<GatewayOptions>(section, errors);
        Known<LimitOptions>(section.GetSection("Limits"), errors);
        Known<HubOptions>(section.GetSection("Hub"), errors);
        Known<StoredCompletionOptions>(section.GetSection("StoredCompletions"), errors);
        foreach (var model in section.GetSection("Models").GetChildren()) Known<ModelOptions>(model, errors);
        var options = new GatewayOptions();
        try
        {
            options = section.Get<GatewayOptions>() ?? options;
        }
        catch (InvalidOperationException e)
        {
            errors.Add(e.InnerException is null ? e.Message : $"{e.Message} {e.InnerException.Message}");
        }

        foreach (var (name, model) in options.Models) Check(name, model, errors);
        if (options.Limits.MaxRequestBodyBytes < 1) errors.Add("Gateway:Limits:MaxRequestBodyBytes must be positive");
        if (options.Limits.MaxResponseBytes < 1) errors.Add("Gateway:Limits:MaxResponseBytes must be positive");
        Check(options.Hub, errors);
        Check(options.StoredCompletions, errors);
        CheckDatabase(options, errors);
        if (options.ShutdownTimeout < TimeSpan.Zero) errors.Add("Gateway:ShutdownTimeout must not be negative");
        return errors.Count == 0 ? options : throw new ConfigurationException(errors);
    }

    /// <summary>A key that nobody reads is a mistake, or something that this version does not do: either way it is said.</summary>
    private static void Known<T>(IConfigurationSection section, List<string> errors)
    {
        var names = typeof(T).GetProperties().Select(property => property.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        errors.AddRange(section.GetChildren().Where(child => !names.Contains(child.Key)).Select(child => $"{child.Path} is not a setting of this version"));
    }

    private static void CheckReference(string at, string path, List<string> errors)
    {
        try
        {
            ModelReference.Parse(path);
        }
        catch (PullException wrong)
        {
            errors.Add($"{at}:Path: {wrong.Message}");
        }
    }

    private static void Check(HubOptions hub, List<string> errors)
    {
        if (!Uri.TryCreate(hub.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.UserInfo.Length > 0)
            errors.Add("Gateway:Hub:Address must be an http or https address");
        if (hub.Connections is < 1 or > 64) errors.Add("Gateway:Hub:Connections must be from 1 to 64");
        if (hub.Attempts < 1) errors.Add("Gateway:Hub:Attempts must be positive");
        if (hub.PartBytes < 1) errors.Add("Gateway:Hub:PartBytes must be positive");
        if (hub.IdleTimeout <= TimeSpan.Zero || hub.IdleTimeout > TimeSpan.FromDays(1)) errors.Add("Gateway:Hub:IdleTimeout must be positive and at most a day");
        if (hub.LongestWait < TimeSpan.Zero || hub.LongestWait > TimeSpan.FromDays(1)) errors.Add("Gateway:Hub:LongestWait must be from zero to a day");
    }

    private static void Check(StoredCompletionOptions stored, List<string> errors)
    {
        if (stored.MaxBytesEach is < 1 or > 64 << 20) errors.Add("Gateway:StoredCompletions:MaxBytesEach must be from 1 to 67108864");
        if (stored.KeepFor < TimeSpan.FromSeconds(1) || stored.KeepFor > TimeSpan.FromDays(36_500)) errors.Add("Gateway:StoredCompletions:KeepFor must be from a second to a hundred years");
    }

    private static void CheckDatabase(GatewayOptions options, List<string> errors)
    {
        try
        {
            var address = DatabaseAddress.Parse(options.Database);
            if (!options.StoredCompletions.Enabled) return; // nothing will be kept: no driver is loaded, and the folder may be absent
            Providers.Check(address);
            if (Path.GetDirectoryName(address.File) is { } folder && !Directory.Exists(folder)) errors.Add($"Gateway:Database: there is no folder '{folder}'");
        }
        catch (ArgumentException e)
        {
            errors.Add($"Gateway:Database {e.Message}");
        }
    }

    private static void Check(string name, ModelOptions model, List<string> errors)
    {
        var at = $"Gateway:Models:{name}";
        if (string.IsNullOrWhiteSpace(model.Path)) errors.Add($"{at}:Path is missing");
        else if (ModelReference.IsReference(model.Path)) CheckReference(at, model.Path, errors);
        else if (!Directory.Exists(model.Path) && !File.Exists(model.Path)) errors.Add($"{at}:Path: there is no '{model.Path}'");
        if (!Backends.Contains(model.Backend)) errors.Add($"{at}:Backend is '{model.Backend}'; known are {string.Join(", ", Backends)}");
        if (!Weights.Contains(model.Weights)) errors.Add($"{at}:Weights is '{model.Weights}'; known are {string.Join(", ", Weights)}");
        if (model.Device is not ("auto" or "cpu" or "cuda") && !model.Device.StartsWith("cuda:", StringComparison.Ordinal)) errors.Add($"{at}:Device is '{model.Device}'; known are auto, cpu, cuda, cuda:N");
        if (model.Context is < 1) errors.Add($"{at}:Context must be positive");
        if (model.KeepAlive <= TimeSpan.Zero) errors.Add($"{at}:KeepAlive must be positive");
    }
}

/// <summary>The settings cannot be used.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
