namespace Gateway.LocalWorkers;

/// <summary>A running worker; a fake stands in for it in tests.</summary>
public interface IWorkerProcess : IAsyncDisposable
{
    /// <summary>Reaches the worker's HTTP.</summary>
    HttpMessageInvoker Http { get; }

    /// <summary>Completes when the process has ended, with its last words.</summary>
    Task<string> Ended { get; }

    /// <summary>Completes when the model is loaded.</summary>
    /// <exception cref="WorkerFailedException">The process ended instead.</exception>
    Task WaitUntilReadyAsync(CancellationToken cancellation);

    /// <summary>Ends it at once, whatever it does.</summary>
    void Kill();
}

/// <summary>The worker ended, or never became ready.</summary>
public sealed class WorkerFailedException(string reason) : Exception(reason);
