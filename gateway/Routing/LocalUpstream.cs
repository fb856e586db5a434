using System.Collections.Concurrent;
using Gateway.Errors;
using Gateway.LocalWorkers;
using Gateway.Models;

namespace Gateway.Routing;

/// <summary>The worker of a local model: started when it is first asked, kept from being unloaded while it is used.</summary>
public sealed class LocalUpstream(LocalModel model, LocalWorkerPool workers) : Upstream(LocalName, maxConcurrent: null)
{
    private static readonly ConcurrentDictionary<string, Uri> Addresses = new(StringComparer.Ordinal);

    /// <summary>What callers see of every local model's upstream.</summary>
    public const string LocalName = "local";

    /// <summary>What it serves.</summary>
    public LocalModel Model { get; } = model;

    /// <inheritdoc/>
    public override async ValueTask<UpstreamLease> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            var lease = await workers.For(Model).AcquireAsync(cancellation);
            return new UpstreamLease(lease.Http, lease);
        }
        catch (WorkerFailedException e)
        {
            throw new UpstreamUnavailableException(Problems.NotReady(Model.Name, e.Message));
        }
    }

    /// <inheritdoc/>
    public override Uri AddressOf(string path, string model) => Addresses.GetOrAdd(path, static path => new Uri("http://worker" + path));

    /// <inheritdoc/>
    public override void Sign(HttpRequestMessage request)
    {
        // The socket is private to this user: there is nothing to prove.
    }
}
