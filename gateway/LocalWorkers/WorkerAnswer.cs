using System.Text.Json;

namespace Gateway.LocalWorkers;

/// <summary>What a worker says of itself, when it is asked.</summary>
internal static class WorkerAnswer
{
    /// <summary>Asks it; null where it does not say so within this time.</summary>
    public static async Task<T?> ToAsync<T>(HttpMessageInvoker worker, string path, Func<HttpContent, CancellationToken, Task<T>> read, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
        where T : class
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://worker" + path);
            using var answer = await worker.SendAsync(request, either.Token);
            return answer.IsSuccessStatusCode ? await read(answer.Content, either.Token) : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or JsonException or KeyNotFoundException or InvalidOperationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null; // it is ending, or too busy to say how busy it is
        }
    }
}
