using Gateway.Models;

namespace Gateway.LocalWorkers;

/// <summary>
/// One model's worker over time: started by the first call, shared by all, ended when idle, started again when it died. The lock guards
/// only fields; nothing is awaited under it.
/// </summary>
public sealed class LocalWorker : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1); // after which a death is a first one again

    private readonly LocalModel model;
    private readonly Func<LocalModel, IWorkerProcess> start;
    private readonly Func<LocalModel, CancellationToken, Task>? prepare;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly ITimer idle;
    private readonly CancellationTokenSource stopping = new();
    private Task<IWorkerProcess>? starting;
    private IWorkerProcess? running;
    private bool retired;
    private int inUse;
    private int deaths;
    private long startedAt;

    /// <param name="model">What it serves.</param>
    /// <param name="start">Starts a process.</param>
    /// <param name="time">For idleness and pauses.</param>
    /// <param name="logger">For starts and ends.</param>
    /// <param name="prepare">Brings what the process needs before each start.</param>
    public LocalWorker(LocalModel model, Func<LocalModel, IWorkerProcess> start, TimeProvider time, ILogger logger, Func<LocalModel, CancellationToken, Task>? prepare = null)
    {
        (this.model, this.start, this.time, this.logger, this.prepare) = (model, start, time, logger, prepare);
        Pulse = new WorkerPulse(LoadAsync, time);
        idle = time.CreateTimer(_ => UnloadIfIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the model is in memory.</summary>
    public bool Loaded
    {
        get { lock (gate) return running is not null; }
    }

    /// <summary>Whether it gets on.</summary>
    public WorkerPulse Pulse { get; }

    /// <summary>How busy it is; null where no model is in memory. It neither starts the worker nor keeps it from being unloaded.</summary>
    public Task<WorkerLoad?> LoadAsync(CancellationToken cancellation) => LoadAsync(Patience, cancellation);

    /// <summary>What its engine measured, in Prometheus' text format; null where no model is in memory. It neither starts the worker nor keeps it either.</summary>
    public Task<string?> SeriesAsync(CancellationToken cancellation) =>
        AskAsync("/metrics", static (content, until) => content.ReadAsStringAsync(until), Patience, cancellation);

    /// <summary>Whether the model was in memory and left it for being idle: it comes back with its next call.</summary>
    public bool Unloaded { get; private set; }

    /// <summary>A worker that is ready, and stays until the lease is given back.</summary>
    /// <exception cref="WorkerFailedException">The model could not be loaded.</exception>
    public async Task<WorkerLease> AcquireAsync(CancellationToken cancellation)
    {
        Task<IWorkerProcess> ready;
        lock (gate)
        {
            if (stopping.IsCancellationRequested) throw new WorkerFailedException("the server is shutting down");
            inUse++;
            idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (starting is null || starting.IsFaulted || starting.IsCanceled) starting = StartAsync(TimeSpan.Zero);
            ready = starting;
        }

        try
        {
            return new WorkerLease(this, await ready.WaitAsync(cancellation));
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Ends the worker once nobody uses it.</summary>
    public void Retire()
    {
        lock (gate)
        {
            retired = true;
            if (inUse > 0) return;
        }

        _ = DisposeAsync().AsTask();
    }

    /// <summary>Ends the worker, whatever it does.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<IWorkerProcess>? last;
        lock (gate)
        {
            stopping.Cancel();
            last = starting;
            starting = null;
            running = null;
        }

        await idle.DisposeAsync();
        Pulse.Dispose();
        if (last is null) return;
        try
        {
            await (await last).DisposeAsync();
        }
        catch (Exception e) when (e is WorkerFailedException or OperationCanceledException)
        {
            // It never ran.
        }
    }

    /// <summary>Ends a worker that will not come back by itself, and starts another; whoever waits for it is told by its end.</summary>
    internal void GiveUp(IWorkerProcess process)
    {
        if (!StartAgain(process, "it had work and did none of it")) return;
        process.Kill();
        _ = process.DisposeAsync().AsTask();
    }

    internal void Release()
    {
        lock (gate)
        {
            if (--inUse > 0 || stopping.IsCancellationRequested) return;
            if (!retired) idle.Change(model.Options.KeepAlive, Timeout.InfiniteTimeSpan);
        }

        if (retired) _ = DisposeAsync().AsTask();
    }

    private Task<WorkerLoad?> LoadAsync(TimeSpan patience, CancellationToken cancellation) => AskAsync("/internal/load", WorkerLoad.ReadAsync, patience, cancellation);

    private Task<T?> AskAsync<T>(string path, Func<HttpContent, CancellationToken, Task<T>> read, TimeSpan patience, CancellationToken cancellation)
        where T : class
    {
        IWorkerProcess? process;
        lock (gate) process = running;
        return process is null ? Task.FromResult<T?>(null) : WorkerAnswer.ToAsync(process.Http, path, read, patience, time, cancellation);
    }

    private async Task<IWorkerProcess> StartAsync(TimeSpan pause)
    {
        await Task.Yield(); // out of the caller's lock
        if (pause > TimeSpan.Zero) await Task.Delay(pause, time, stopping.Token);
        if (prepare is not null) await prepare(model, stopping.Token);
        var began = time.GetTimestamp();
        var process = start(model);
        try
        {
            await process.WaitUntilReadyAsync(stopping.Token);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        lock (gate) (running, startedAt) = (process, time.GetTimestamp());
        logger.LogInformation("{Model} is loaded after {Seconds:F1} s", model.Name, time.GetElapsedTime(began).TotalSeconds);
        _ = WatchAsync(process);
        return process;
    }

    private async Task WatchAsync(IWorkerProcess process)
    {
        if (StartAgain(process, await process.Ended)) await process.DisposeAsync();
    }

    /// <summary>A worker that dies although nobody ended it is started again, after a pause that doubles with each death; false where it was ended on purpose.</summary>
    private bool StartAgain(IWorkerProcess process, string reason)
    {
        lock (gate)
        {
            if (running != process) return false;
            running = null;
            deaths = time.GetElapsedTime(startedAt) > Settled ? 1 : deaths + 1;
            var pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(deaths - 1, 10)));
            logger.LogWarning("The worker of {Model} ended ({Reason}); it starts again in {Seconds:F1} s", model.Name, reason, pause.TotalSeconds);
            starting = StartAsync(pause);
            _ = starting.ContinueWith(task => logger.LogError("{Model} could not be started again: {Reason}", model.Name, task.Exception!.InnerException!.Message), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return true;
        }
    }

    private void UnloadIfIdle()
    {
        IWorkerProcess? process;
        lock (gate)
        {
            if (inUse > 0 || running is null) return;
            process = running;
            running = null;
            starting = null;
            Unloaded = true;
        }

        logger.LogInformation("{Model} was idle for {KeepAlive}: unloaded", model.Name, model.Options.KeepAlive);
        _ = process.DisposeAsync().AsTask();
    }
}
