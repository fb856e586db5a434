using System.Text.Json;

namespace Gateway.LocalWorkers;

/// <summary>How busy a worker is, by its own count.</summary>
/// <param name="Running">Sequences that are computed.</param>
/// <param name="Waiting">Sequences in its queue.</param>
/// <param name="CacheUsage">Share of its KV cache that is taken.</param>
/// <param name="Steps">What it has computed since it was loaded: one that has work and stands still is stuck.</param>
public sealed record WorkerLoad(int Running, int Waiting, double CacheUsage, long Steps)
{
    internal static async Task<WorkerLoad> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        using var parsed = await JsonDocument.ParseAsync(await content.ReadAsStreamAsync(cancellation), cancellationToken: cancellation);
        var root = parsed.RootElement;
        return new WorkerLoad(root.GetProperty("running").GetInt32(), root.GetProperty("waiting").GetInt32(), root.GetProperty("cache_usage").GetDouble(), root.GetProperty("steps").GetInt64());
    }
}
