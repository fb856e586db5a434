using Gateway.Engine.Measures;

namespace Gateway.Engine.Backend;

/// <summary>A loaded model that generates: what the worker's HTTP layer sees. Safe to call from any thread.</summary>
public interface IModelBackend : IAsyncDisposable
{
    /// <summary>What the model is and how much of it is in use.</summary>
    ModelCard Card { get; }

    /// <summary>How busy the backend is now; a snapshot.</summary>
    BackendLoad Load { get; }

    /// <summary>What it has seen since it was loaded; null where it does not measure.</summary>
    EngineMeasures? Measures => null;

    /// <summary>
    /// Queues all of <paramref name="requests"/> or none of them, and returns one stream of tokens for each, in their order.
    /// A stream ends after the event whose <see cref="TokenEvent.Finish"/> is set. Disposing an enumerator, or cancelling, abandons that
    /// sequence: its blocks are free before the next step.
    /// </summary>
    /// <exception cref="BackendBusyException">The inbox cannot take them; nothing was queued.</exception>
    IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation);
}

/// <summary>What a loaded model is.</summary>
/// <param name="Name">The published name.</param>
/// <param name="Architecture">The family by its Hugging Face name, such as <c>llama</c>.</param>
/// <param name="Vocabulary">Width of a row of logits; may exceed the number of tokens that the tokenizer knows.</param>
/// <param name="ContextLength">Most tokens, prompt and answer together, of one sequence.</param>
/// <param name="Engine">The engine that computes it, such as <c>torch</c>.</param>
public sealed record ModelCard(string Name, string Architecture, int Vocabulary, int ContextLength, string Engine);

/// <summary>A snapshot of a backend's queue.</summary>
/// <param name="Running">Sequences that own cache blocks.</param>
/// <param name="Waiting">Sequences in the inbox or preempted.</param>
/// <param name="CacheUsage">Part of the cache blocks in use by running sequences, 0 to 1.</param>
/// <param name="Steps">Steps that were computed since it was loaded: a backend with work whose count stands still is stuck.</param>
public readonly record struct BackendLoad(int Running, int Waiting, double CacheUsage, long Steps);

/// <summary>The inbox is full: HTTP 429.</summary>
public sealed class BackendBusyException(TimeSpan retryAfter) : Exception("The model's queue is full.")
{
    /// <summary>When it is worth asking again, estimated from the queue and the pace of the last seconds.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>A step of the engine failed and took this sequence with it: HTTP 500, or an error event in the middle of a stream.</summary>
public sealed class BackendFailedException(string message, Exception? inner = null) : Exception(message, inner);
