using Gateway.Policies.Redis;
using Gateway.Pulling;
using Gateway.ResponseCache;
using Gateway.Routing.Balancers;
using Gateway.Storage;
using Gateway.StoredCompletions;

namespace Gateway.Configuration;

/// <summary>What settings may be. Each mistake is one line that names its key.</summary>
internal static class SettingsCheck
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49); // the runtime's timers end a little later
    private const decimal MostPrice = 10_000_000; // ten for each token, in whatever currency; much larger ones no sum could hold
    private static readonly string[] Backends = ["auto", "torch", "onnx"];
    private static readonly string[] Weights = ["auto", "f32", "f16", "bf16", "q8", "q4"];
    private static readonly string[] OfOneHop = ["Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Proxy-Connection"];
    private static readonly string[] Reasons = ["failure", "context", "content"];

    public static void Run(GatewayOptions options, List<string> errors)
    {
        foreach (var (name, upstream) in options.Upstreams) Upstream(name, upstream, errors);
        foreach (var (name, model) in options.Models)
        {
            if (model.Targets.Count == 0) Local(name, model, errors);
            else Remote(name, model, options, errors);
            Shared($"Gateway:Models:{name}", model, errors);
        }

        NamesCheck.Run(options, errors);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.BudgetTimeZone, out _)) errors.Add($"Gateway:BudgetTimeZone: there is no time zone '{options.BudgetTimeZone}'");
        Redis(options, errors);
        if (options.Limits.MaxRequestBodyBytes < 1 || options.Limits.MaxRequestBodyBytes > Array.MaxLength) errors.Add($"Gateway:Limits:MaxRequestBodyBytes must be from 1 to {Array.MaxLength}");
        if (options.Limits.MaxResponseBytes < 1) errors.Add("Gateway:Limits:MaxResponseBytes must be positive");
        if (options.Limits.TokensReservedByDefault is < 0 or > 1_000_000) errors.Add("Gateway:Limits:TokensReservedByDefault must be from 0 to 1000000");
        Hub(options.Hub, errors);
        Stored(options.StoredCompletions, errors);
        Usage.UsageSetup.Check(options.Usage, errors);
        Database(options, errors);
        CacheSetup.Check(options, errors);
        Telemetry.MetricsOptions.Check(options.Metrics, errors);
        Admin.AdminUrls.Check(options.AdminUrls, errors);
        if (options.AdminKey is { Length: < 8 }) errors.Add("Gateway:AdminKey must have at least 8 characters");
        Keys.KeyOptionsCheck.Run(options, errors);
        if (options.RetryBudget.Share is < 0 or > 10 || double.IsNaN(options.RetryBudget.Share)) errors.Add("Gateway:RetryBudget:Share must be from 0 to 10");
        if (options.RetryBudget.Floor < 0) errors.Add("Gateway:RetryBudget:Floor must not be negative");
        Between(options.ShutdownTimeout, TimeSpan.Zero, LongestTimer, "Gateway:ShutdownTimeout", errors);
    }

    private static void Upstream(string name, UpstreamOptions upstream, List<string> errors)
    {
        var at = $"Gateway:Upstreams:{name}";
        if (name.Length > 64 || !IsToken(name)) errors.Add($"{at}: a name has at most 64 letters, digits and some of -._ and the like"); // it is a header's value
        if (name is "local") errors.Add($"{at}: the name 'local' is taken by local models");
        if (upstream.Address is null) errors.Add($"{at}:Address is missing");
        else if (!Uri.TryCreate(upstream.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
            errors.Add($"{at}:Address must be an http or https address without query and credentials");
        OneOf(upstream.Kind, ["openai", "azure"], $"{at}:Kind", errors);
        OneOf(upstream.Http, ["1.1", "2"], $"{at}:Http", errors);
        if (upstream.Kind == "azure" && upstream.ApiVersion is null) errors.Add($"{at}:ApiVersion is missing; the kind 'azure' needs one");
        if (upstream is { ApiKey: not null, ApiKeyFile: not null }) errors.Add($"{at}: ApiKey and ApiKeyFile exclude each other");
        if (upstream.ApiKeyFile is { } file && !File.Exists(file)) errors.Add($"{at}:ApiKeyFile: there is no '{file}'");
        if (upstream.MaxConcurrent is < 1) errors.Add($"{at}:MaxConcurrent must be positive");
        foreach (var (header, value) in upstream.Headers)
            if (!IsHeader(header, value)) errors.Add($"{at}:Headers:{header} is no header of a request");
        if (upstream.ApiKey is { } key && !key.All(static c => c is > ' ' and <= '~')) errors.Add($"{at}:ApiKey has characters that no header has");
        if (upstream.Probe is not { } probe) return;
        if (!probe.Path.StartsWith('/')) errors.Add($"{at}:Probe:Path must begin with '/'");
        Between(probe.Interval, TimeSpan.FromMilliseconds(100), Day, $"{at}:Probe:Interval", errors);
        Between(probe.Timeout, TimeSpan.FromMilliseconds(10), Day, $"{at}:Probe:Timeout", errors);
    }

    private static void Local(string name, ModelOptions model, List<string> errors)
    {
        var at = $"Gateway:Models:{name}";
        if (string.IsNullOrWhiteSpace(model.Path)) errors.Add($"{at} has neither Path nor Targets");
        else if (ModelReference.IsReference(model.Path)) Reference(at, model.Path, errors);
        else if (!Directory.Exists(model.Path) && !File.Exists(model.Path)) errors.Add($"{at}:Path: there is no '{model.Path}'");
        if (name.Contains('*')) errors.Add($"{at}: a local model's name is no pattern; give it Aliases");
        OneOf(model.Backend, Backends, $"{at}:Backend", errors);
        OneOf(model.Weights, Weights, $"{at}:Weights", errors);
        if (model.Device is not ("auto" or "cpu" or "cuda") && !model.Device.StartsWith("cuda:", StringComparison.Ordinal)) errors.Add($"{at}:Device is '{model.Device}'; known are auto, cpu, cuda, cuda:N");
        if (model.Context is < 1) errors.Add($"{at}:Context must be positive");
        Between(model.KeepAlive, TimeSpan.FromMilliseconds(1), LongestTimer, $"{at}:KeepAlive", errors);
    }

    private static void Remote(string name, ModelOptions model, GatewayOptions options, List<string> errors)
    {
        var at = $"Gateway:Models:{name}";
        if (model.Path is not null) errors.Add($"{at}: Path and Targets exclude each other; publish the folder under a name of its own and target it as Local");
        foreach (var (i, target) in model.Targets.Index())
        {
            var place = $"{at}:Targets:{i}";
            if (target.Upstream is null == target.Local is null) errors.Add($"{place} needs either Upstream or Local");
            if (target.Upstream is { } upstream && !options.Upstreams.ContainsKey(upstream)) errors.Add($"{place}:Upstream: there is no '{upstream}' in Gateway:Upstreams");
            if (target is { Local: not null, Model: not null }) errors.Add($"{place}:Model is for upstreams; a local model is what Local names");
            if (!(target.Weight > 0) || target.Weight > 1e6) errors.Add($"{place}:Weight must be above 0 and at most 1000000");
        }
    }

    private static void Shared(string at, ModelOptions model, List<string> errors)
    {
        OneOf(model.Routing, BalancerNames.All, $"{at}:Routing", errors);
        foreach (var reason in model.FallbackOn) OneOf(reason, Reasons, $"{at}:FallbackOn", errors);
        Between(model.Timeouts.Connect, TimeSpan.FromMilliseconds(1), Day, $"{at}:Timeouts:Connect", errors);
        Between(model.Timeouts.FirstToken, TimeSpan.FromMilliseconds(1), Day, $"{at}:Timeouts:FirstToken", errors);
        Between(model.Timeouts.Idle, TimeSpan.FromMilliseconds(1), Day, $"{at}:Timeouts:Idle", errors);
        if (model.Retries is < 0 or > 20) errors.Add($"{at}:Retries must be from 0 to 20");
        if (model.HedgeAfter is { } hedge && hedge != "p95" && !(TimeSpan.TryParse(hedge, System.Globalization.CultureInfo.InvariantCulture, out var after) && after > TimeSpan.Zero && after < Day))
            errors.Add($"{at}:HedgeAfter is '{hedge}', where p95 or a time such as 00:00:01.5 is expected");
        if (model.Breaker.Failures < 1) errors.Add($"{at}:Breaker:Failures must be positive");
        if (model.Breaker.Probes is < 1 or > 100) errors.Add($"{at}:Breaker:Probes must be from 1 to 100");
        Between(model.Breaker.Window, TimeSpan.FromSeconds(1), Day, $"{at}:Breaker:Window", errors);
        Between(model.Breaker.Break, TimeSpan.FromMilliseconds(10), Day, $"{at}:Breaker:Break", errors);
        Between(model.Breaker.SlowStart, TimeSpan.Zero, Day, $"{at}:Breaker:SlowStart", errors);
        foreach (var field in model.Defaults.Keys.Concat(model.Overrides.Keys))
            if (field is "model" or "messages" or "prompt" or "input" or "stream") errors.Add($"{at}: '{field}' is the caller's; it has no default and is not overridden");
        if (model.Price is { } price && new[] { price.InputPerMillion, price.OutputPerMillion, price.CachedPerMillion ?? 0 }.Any(static each => each is < 0 or > MostPrice)) errors.Add($"{at}:Price must be from 0 to {MostPrice}");
    }

    private static void Reference(string at, string path, List<string> errors)
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

    private static void Hub(HubOptions hub, List<string> errors)
    {
        if (!Uri.TryCreate(hub.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.UserInfo.Length > 0)
            errors.Add("Gateway:Hub:Address must be an http or https address");
        if (hub.Connections is < 1 or > 64) errors.Add("Gateway:Hub:Connections must be from 1 to 64");
        if (hub.Attempts is < 1 or > 1000) errors.Add("Gateway:Hub:Attempts must be from 1 to 1000");
        if (hub.PartBytes < 1) errors.Add("Gateway:Hub:PartBytes must be positive");
        if (hub.IdleTimeout <= TimeSpan.Zero || hub.IdleTimeout > Day) errors.Add("Gateway:Hub:IdleTimeout must be positive and at most a day");
        if (hub.LongestWait < TimeSpan.Zero || hub.LongestWait > Day) errors.Add("Gateway:Hub:LongestWait must be from zero to a day");
    }

    private static void Stored(StoredCompletionOptions stored, List<string> errors)
    {
        if (stored.MaxBytesEach is < 1 or > 64 << 20) errors.Add("Gateway:StoredCompletions:MaxBytesEach must be from 1 to 67108864");
        if (stored.KeepFor < TimeSpan.FromSeconds(1) || stored.KeepFor > TimeSpan.FromDays(36_500)) errors.Add("Gateway:StoredCompletions:KeepFor must be from a second to a hundred years");
    }

    private static void Database(GatewayOptions options, List<string> errors)
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

    private static void Redis(GatewayOptions options, List<string> errors)
    {
        OneOf(options.WhenRedisIsGone, [SharedLimits.Open, SharedLimits.Closed], "Gateway:WhenRedisIsGone", errors);
        Between(options.RedisTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), "Gateway:RedisTimeout", errors);
        try
        {
            if (options.Redis is { } address) RedisLink.Check(address);
        }
        catch (ArgumentException)
        {
            errors.Add("Gateway:Redis cannot be read; host:port,password=… is expected"); // the driver's words would show it
        }
    }

    private static void OneOf(string value, IReadOnlyList<string> known, string at, List<string> errors)
    {
        if (!known.Contains(value)) errors.Add($"{at} is '{value}'; known are {string.Join(", ", known)}");
    }

    private static void Between(TimeSpan value, TimeSpan least, TimeSpan most, string at, List<string> errors)
    {
        if (value < least || value > most) errors.Add($"{at} must be from {least} to {most}");
    }

    // Those of one hop and of the body are the gateway's.
    private static bool IsHeader(string name, string value)
    {
        if (!IsToken(name) || value.AsSpan().ContainsAnyExceptInRange(' ', '~') || OfOneHop.Contains(name, StringComparer.OrdinalIgnoreCase)) return false;
        using var request = new HttpRequestMessage();
        return request.Headers.TryAddWithoutValidation(name, value);
    }

    private static bool IsToken(string name) => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));
}
