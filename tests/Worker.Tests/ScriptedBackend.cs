using System.Runtime.CompilerServices;
using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;

namespace Gateway.Worker.Tests;

/// <summary>Answers every request with the same tokens, or fails where the script says so.</summary>
internal sealed class ScriptedBackend(IReadOnlyList<int> script) : IModelBackend
{
    public int? FailAfter { get; set; }

    public bool Busy { get; set; }

    public int Disposed { get; private set; }

    public ModelCard Card { get; } = new("tiny-chat", "llama", 3072, 256, "script");

    public BackendLoad Load => default;

    public IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation) => Busy
        ? throw new BackendBusyException(TimeSpan.FromMilliseconds(1500))
        : [.. requests.Select(request => Read(request, cancellation))];

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<TokenEvent> Read(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            for (var i = 0; i < script.Count; i++)
            {
                if (i == FailAfter) throw new BackendFailedException("scripted");
                await Task.Yield();
                cancellation.ThrowIfCancellationRequested();
                var finish = request.EndTokens.Contains(script[i]) ? FinishReason.Stop : i + 1 == request.MaxNewTokens || i + 1 == script.Count ? FinishReason.Length : (FinishReason?)null;
                var scores = request.Sampling.LogProbs is null ? null : new TokenLogProbs(script[i], -0.5f, [new TokenLogProb(script[i], -0.5f)]);
                yield return new TokenEvent(script[i], scores, finish);
                if (finish is not null) yield break;
            }
        }
        finally
        {
            Disposed++;
        }
    }
}
