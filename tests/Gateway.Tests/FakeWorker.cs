using System.Net;
using Gateway.LocalWorkers;

namespace Gateway.Tests;

/// <summary>A worker that is ready when told to be, dies when told to, and answers what it is given.</summary>
internal sealed class FakeWorker(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? answer = null) : IWorkerProcess
{
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HttpMessageInvoker Http { get; } = new(new Handler(answer ?? ((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)))));

    public Task<string> Ended => ended.Task;

    public bool Disposed { get; private set; }

    public FakeWorker BecomeReady()
    {
        ready.TrySetResult();
        return this;
    }

    public void Die(string reason)
    {
        ready.TrySetException(new WorkerFailedException(reason));
        ended.TrySetResult(reason);
    }

    public Task WaitUntilReadyAsync(CancellationToken cancellation) => ready.Task.WaitAsync(cancellation);

    public void Kill() => Die("killed");

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        ended.TrySetResult("ended on purpose");
        return ValueTask.CompletedTask;
    }

    private sealed class Handler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
    }
}
