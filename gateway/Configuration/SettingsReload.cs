using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Routing;

namespace Gateway.Configuration;

/// <summary>
/// Looks at the files of the settings twice a second and takes over what changed. Files are looked at, not watched: a mounted
/// ConfigMap changes by a link that no watch sees. What cannot be used is said, with every error, and changes nothing.
/// </summary>
public sealed class SettingsReload(
    string[] args, LiveSettings live, CatalogueBuilder builder, LocalWorkerPool workers, RetryBudget budget, TimeProvider time, ILogger<SettingsReload> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly SemaphoreSlim one = new(1);

    /// <inheritdoc/>
    public override void Dispose()
    {
        one.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Warn(live.Current.Options);
        var seen = Stamps();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = Stamps();
                if (now.SequenceEqual(seen)) continue;
                seen = now;
                await ReloadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    /// <summary>Reads everything anew; true when it is in force.</summary>
    public async Task<bool> ReloadAsync(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var configuration = new ConfigurationBuilder();
            GatewayConfiguration.AddSources(configuration, args);
            var options = GatewayConfiguration.Read(configuration.Build());
            var locals = await LocalsAsync(options, cancellation);
            var catalogue = builder.Build(options, locals);
            budget.Options = options.RetryBudget;
            live.Replace(new GatewaySnapshot(options, catalogue));
            workers.Retain(locals.Select(model => model.Key).ToHashSet());
            Warn(options);
            logger.LogInformation("The settings are read anew: {Models} models, {Upstreams} upstreams", catalogue.All.Count, options.Upstreams.Count);
            return true;
        }
        catch (Exception e) when (e is ConfigurationException or InvalidDataException)
        {
            logger.LogError("The changed settings cannot be used, the old ones stay in force: {Errors}", e.Message.ReplaceLineEndings("; "));
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "The changed settings cannot be used, the old ones stay in force"); // whatever a disk or a worker program does: calls go on
            return false;
        }
        finally
        {
            one.Release();
        }
    }

    private void Warn(GatewayOptions options)
    {
        foreach (var warning in SettingsWarnings.Of(options)) logger.LogWarning("{Warning}", warning);
    }

    // Folders are inspected again only where there is one that was not there, or is set up otherwise.
    private async Task<IReadOnlyList<LocalModel>> LocalsAsync(GatewayOptions options, CancellationToken cancellation)
    {
        var found = ModelDiscovery.Find(options);
        var known = builder.Locals;
        var (served, skipped) = await ModelInspection.RunAsync([.. found.Where(model => !known.ContainsKey(model.Key))], cancellation);
        foreach (var model in skipped) logger.LogWarning("Not served: {Model}: {Reason}", model.Name, model.Reason);
        return [.. found.Where(model => known.ContainsKey(model.Key)).Select(model => model with { Context = known[model.Key].Model.Context }), .. served];
    }

    private List<(string, DateTime, long)> Stamps()
    {
        var files = GatewayConfiguration.Files(args).Select(file => file.Path)
            .Concat(live.Current.Options.Upstreams.Values.Select(upstream => upstream.ApiKeyFile).OfType<string>());
        return [.. files.Select(Stamp)];
    }

    private static (string, DateTime, long) Stamp(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
            return file.Exists ? (path, file.LastWriteTimeUtc, file.Length) : (path, default, -1);
        }
        catch (IOException)
        {
            return (path, default, -1);
        }
    }
}
