using System.Collections.Concurrent;
using Gateway.Models;
using Gateway.Pulling;

namespace Gateway.LocalWorkers;

/// <summary>The workers of all local models, and the private folder of their sockets.</summary>
public sealed class LocalWorkerPool : IAsyncDisposable
{
    private readonly ConcurrentDictionary<WorkerKey, LocalWorker> workers = new();
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly HubModels hub;
    private readonly string sockets;

    /// <summary>Makes the folder, which only this user may enter.</summary>
    public LocalWorkerPool(TimeProvider time, ILogger<LocalWorkerPool> logger, HubModels hub)
    {
        (this.time, this.logger, this.hub) = (time, logger, hub);
        // Short, because a socket's path has at most 108 bytes.
        var parent = Path.GetTempPath().Length < 60 ? Path.GetTempPath() : "/tmp";
        sockets = Path.Combine(parent, "gateway-" + Guid.NewGuid().ToString("N")[..12]);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(sockets);
        else Directory.CreateDirectory(sockets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What starts a worker instead of the worker program.</summary>
    internal Func<LocalModel, IWorkerProcess>? StartWith { get; init; }

    /// <summary>The worker of a model, started or not.</summary>
    public LocalWorker For(LocalModel model) =>
        workers.GetOrAdd(model.Key, _ => new LocalWorker(model, StartWith ?? (m => WorkerProcess.Start(m, sockets, logger, time)), time, logger, hub.EnsureAsync));

    /// <summary>Starts loading a model that wants to be there before its first call.</summary>
    public void Preload(LocalModel model) => _ = PreloadAsync(model);

    /// <summary>What the engines that are loaded measured, by their workers' names; of one that does not answer at once nothing.</summary>
    public async Task<IReadOnlyList<string>> SeriesAsync(CancellationToken cancellation)
    {
        var said = await Task.WhenAll(workers.Values.Select(worker => worker.SeriesAsync(cancellation)));
        return [.. said.Where(static text => !string.IsNullOrEmpty(text)).Order(StringComparer.Ordinal)!];
    }

    /// <summary>Ends the workers of all other models, each when its last call is over.</summary>
    public void Retain(IReadOnlySet<WorkerKey> keys)
    {
        foreach (var key in workers.Keys.Where(key => !keys.Contains(key)).ToList())
            if (workers.TryRemove(key, out var worker)) worker.Retire();
    }

    /// <summary>Ends every worker and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(workers.Values.Select(worker => worker.DisposeAsync().AsTask()));
        if (Directory.Exists(sockets)) Directory.Delete(sockets, recursive: true);
    }

    private async Task PreloadAsync(LocalModel model)
    {
        try
        {
            (await For(model).AcquireAsync(CancellationToken.None)).Dispose();
        }
        catch (Exception e) when (e is WorkerFailedException or OperationCanceledException)
        {
            logger.LogError("{Model} could not be loaded: {Reason}", model.Name, e.Message);
        }
    }
}
