using System.Text.Json;

namespace Gateway.LocalWorkers;

/// <summary>How busy a worker is, by its own count.</summary>
/// <param name="Running">Sequences that are computed.</param>
/// <param name="Waiting">Sequences in its queue.</param>
/// <param name="CacheUsage">Share of its KV cache that is taken.</param>
/// <param name="Steps">What it has computed since it was loaded: one that has work and stands still is stuck.</param>
public sealed record WorkerLoad(int Running, int Waiting, double CacheUsage, long Steps)
{
    /// <summary>Asks a worker; null where it does not say so within this time.</summary>
    internal static async Task<WorkerLoad?> AskAsync(HttpMessageInvoker worker, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://worker/internal/load");
            using var answer = await worker.SendAsync(request, either.Token);
            if (!answer.IsSuccessStatusCode) return null;
            using var parsed = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(either.Token), cancellationToken: either.Token);
            var root = parsed.RootElement;
            return new WorkerLoad(root.GetProperty("running").GetInt32(), root.GetProperty("waiting").GetInt32(), root.GetProperty("cache_usage").GetDouble(), root.GetProperty("steps").GetInt64());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or JsonException or KeyNotFoundException or InvalidOperationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null; // it is ending, or too busy to say how busy it is
        }
    }
}
