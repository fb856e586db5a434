using Gateway.Errors;
using Gateway.LocalWorkers;

namespace Gateway.Routing;

/// <summary>
/// A place that speaks the OpenAI wire, and how to reach it. A local worker is one like any other. What is known about its health belongs to
/// <see cref="Target"/>: a provider may serve one model well and another not at all.
/// </summary>
public abstract class Upstream(string name, int? maxConcurrent)
{
    private int calls;

    /// <summary>As <c>x-gateway-upstream</c> says it.</summary>
    public string Name { get; } = name;

    /// <summary>Attempts that run now.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Most of them; null for no bound.</summary>
    public int? MaxConcurrent { get; } = maxConcurrent;

    /// <summary>Whether one more would be too many.</summary>
    public bool IsSaturated => MaxConcurrent is { } most && Calls >= most;

    /// <summary>What an active probe found last; true where none is made.</summary>
    public virtual bool IsUp { get; set; } = true;

    /// <summary>Reachable and ready for one attempt.</summary>
    /// <exception cref="UpstreamUnavailableException">It cannot be made ready.</exception>
    public abstract ValueTask<UpstreamLease> OpenAsync(CancellationToken cancellation);

    /// <summary>Where a path of ours is there.</summary>
    public abstract Uri AddressOf(string path, string model);

    /// <summary>Puts the upstream's own credentials and headers on a request.</summary>
    public abstract void Sign(HttpRequestMessage request);

    /// <summary>What callers must not see of it: keys and addresses.</summary>
    public virtual Secrets Secrets => Secrets.None;

    /// <summary>The version of HTTP it is spoken to in.</summary>
    public virtual (Version Version, HttpVersionPolicy Policy) Http => (System.Net.HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower);

    /// <summary>Counts an attempt in; false when that would be one too many.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref calls) <= (MaxConcurrent ?? int.MaxValue)) return true;
        Interlocked.Decrement(ref calls);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref calls);
}

/// <summary>An upstream while an attempt uses it.</summary>
/// <param name="Client">Sends requests.</param>
/// <param name="Held">Given back when the attempt is over.</param>
public readonly record struct UpstreamLease(HttpMessageInvoker Client, IDisposable? Held) : IDisposable
{
    /// <summary>The worker that is held, where it is a local one.</summary>
    public WorkerLease? Worker => Held as WorkerLease;

    /// <inheritdoc/>
    public void Dispose() => Held?.Dispose();
}

/// <summary>The upstream cannot be asked now, and asking it again will not help this call.</summary>
public sealed class UpstreamUnavailableException(Problem problem) : Exception(problem.Error.Error.Message)
{
    /// <summary>What to tell the caller when there is no other.</summary>
    public Problem Problem { get; } = problem;
}
