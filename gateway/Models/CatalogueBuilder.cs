using Gateway.Configuration;
using Gateway.LocalWorkers;
using Gateway.Routing;

namespace Gateway.Models;

/// <summary>
/// Settings and local models → the catalogue. It remembers upstreams and the health of targets, so that a reload changes only what the
/// settings changed. One owner.
/// </summary>
public sealed class CatalogueBuilder(LocalWorkerPool workers, UpstreamConnections connections, TimeProvider time)
{
    private Dictionary<string, RemoteUpstream> remotes = new(StringComparer.Ordinal);
    private Dictionary<WorkerKey, LocalUpstream> locals = [];
    private Dictionary<(string Model, string Upstream, string? There, BreakerOptions), Target> targets = [];
    private Dictionary<string, Latency> latencies = new(StringComparer.Ordinal);

    /// <summary>Local models that are served, by all that tells one worker from another.</summary>
    public IReadOnlyDictionary<WorkerKey, LocalUpstream> Locals => locals;

    /// <summary>Upstreams with an address, by name.</summary>
    public IReadOnlyDictionary<string, RemoteUpstream> Remotes => remotes;

    /// <exception cref="ConfigurationException">A target or a fallback names a model that is not there; with every such error.</exception>
    public ModelCatalogue Build(GatewayOptions options, IReadOnlyList<LocalModel> localModels)
    {
        var errors = new List<string>();
        var byName = localModels.ToDictionary(model => model.Name, StringComparer.Ordinal);
        var nextRemotes = options.Upstreams.ToDictionary(entry => entry.Key, entry => Remote(entry.Key, entry.Value, errors), StringComparer.Ordinal);
        var nextLocals = localModels.ToDictionary(model => model.Key, model => locals.GetValueOrDefault(model.Key) ?? new LocalUpstream(model, workers));
        var nextTargets = new Dictionary<(string, string, string?, BreakerOptions), Target>();
        var published = new List<PublishedModel>();
        // A model with targets goes before a folder of the same name, which may be one of them.
        foreach (var model in localModels.Where(model => !options.Models.TryGetValue(model.Name, out var configured) || configured.Targets.Count == 0))
            published.Add(new PublishedModel(model.Name, model.Options, [TargetOf(model.Name, nextLocals[model.Key], model.Name, new TargetOptions(), model.Options)], model.Created) { Context = model.Context, Latency = LatencyOf(model.Name) });
        foreach (var (name, model) in options.Models.Where(entry => entry.Value.Targets.Count > 0))
        {
            var made = new List<Target>();
            foreach (var (at, target) in model.Targets.Index())
            {
                if (target.Upstream is { } upstream) made.Add(TargetOf(name, nextRemotes[upstream], target.Model, target, model));
                else if (byName.TryGetValue(target.Local!, out var local)) made.Add(TargetOf(name, nextLocals[local.Key], local.Name, target, model));
                else errors.Add($"Gateway:Models:{name}:Targets:{at}:Local: no local model '{target.Local}' is served");
            }

            if (made.Count > 0) published.Add(new PublishedModel(name, model, made, Created) { Context = model.Context, Latency = LatencyOf(name) });
        }

        var catalogue = new ModelCatalogue(published);
        foreach (var (name, model) in options.Models)
            foreach (var fallback in model.Fallbacks)
                if (catalogue.Find(fallback) is null) errors.Add($"Gateway:Models:{name}:Fallbacks: no model '{fallback}' is published");
        if (errors.Count > 0) throw new ConfigurationException(errors);
        (remotes, locals, targets) = (nextRemotes, nextLocals, nextTargets);
        latencies = catalogue.All.ToDictionary(model => model.Name, model => model.Latency, StringComparer.Ordinal);
        return catalogue;

        Latency LatencyOf(string name) => latencies.GetValueOrDefault(name) ?? new Latency();

        Target TargetOf(string model, Upstream upstream, string? there, TargetOptions target, ModelOptions settings)
        {
            var key = (model, upstream is LocalUpstream ? "local/" + there : upstream.Name, there, settings.Breaker);
            if (nextTargets.TryGetValue(key, out var twice)) return new Target(upstream, there, target.Weight, target.Order, twice.Health);
            // Another address, or another key, is another place: what was known of the old one says nothing about it.
            var known = targets.TryGetValue(key, out var before) && before.Upstream == upstream ? before : null;
            var kept = known is not null && known.Weight == target.Weight && known.Order == target.Order
                ? known : new Target(upstream, there, target.Weight, target.Order, known?.Health ?? new TargetHealth(settings.Breaker, time)) { RefusesUsage = known?.RefusesUsage ?? false };
            return nextTargets[key] = kept;
        }
    }

    // When this program began to publish them: upstreams do not say.
    private long Created { get; } = time.GetUtcNow().ToUnixTimeSeconds();

    private RemoteUpstream Remote(string name, UpstreamOptions options, List<string> errors)
    {
        var key = options.ApiKey;
        try
        {
            if (options.ApiKeyFile is { } file)
            {
                key = File.ReadAllText(file).Trim();
                if (key.Length == 0 || !key.All(static c => c is > ' ' and <= '~')) errors.Add($"Gateway:Upstreams:{name}:ApiKeyFile: '{file}' holds no key of one line");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"Gateway:Upstreams:{name}:ApiKeyFile: {e.Message}");
        }

        return remotes.TryGetValue(name, out var known) && Same(known.Origin.Options, options) && known.Origin.Key == key ? known : new RemoteUpstream(name, options, key, connections);
    }

    private static bool Same(UpstreamOptions a, UpstreamOptions b) =>
        a with { Headers = b.Headers } == b && a.Headers.Count == b.Headers.Count && a.Headers.All(entry => b.Headers.TryGetValue(entry.Key, out var value) && value == entry.Value);
}
