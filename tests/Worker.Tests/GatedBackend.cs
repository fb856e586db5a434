using System.Runtime.CompilerServices;
using Gateway.Engine.Backend;

namespace Gateway.Worker.Tests;

/// <summary>Gives one token, then waits until the test opens the gate or the caller leaves.</summary>
internal sealed class GatedBackend : IModelBackend
{
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelCard Card { get; } = new("tiny-chat", "llama", 3072, 256, "gate");

    public BackendLoad Load => new(1, 2, 0.5, 7);

    public IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation) =>
        [.. requests.Select(_ => Read(cancellation))];

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<TokenEvent> Read([EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return new TokenEvent(300);
            await Gate.Task.WaitAsync(cancellation);
            yield return new TokenEvent(2, Finish: FinishReason.Stop);
        }
        finally
        {
            Left.TrySetResult();
        }
    }
}
