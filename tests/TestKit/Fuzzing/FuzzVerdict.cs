using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.TestKit.Fuzzing;

/// <summary>What an answer to any request whatever must be: the server's own failure never, and always readable.</summary>
public static class FuzzVerdict
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60); // two busy cores, and every answer is short
    private static readonly string[] Keys = ["code", "message", "param", "type"];

    /// <returns>What is wrong with the answer to a request, null when nothing is; and its status.</returns>
    public static async Task<(string? Mistake, HttpStatusCode Status)> AskAsync(HttpClient http, FuzzedRequest request, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Hang);
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var content = new ByteArrayContent(request.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await http.PostAsync(request.Path, content, patience.Token);
            var text = await response.Content.ReadAsStringAsync(patience.Token);
            return (Mistake((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, text), response.StatusCode);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return ($"no answer after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {failure.Message}", 0);
        }
    }

    /// <returns>What is wrong with the answer; null when nothing is.</returns>
    public static string? Mistake(int status, string? mediaType, string body)
    {
        if (status >= 500) return $"status {status}: {body}";
        try
        {
            if (mediaType == "text/event-stream") return Events(body);
            if (mediaType != "application/json") return $"status {status} with content type '{mediaType}'";
            var json = JsonNode.Parse(body);
            return status < 400 ? null : Error(json) is { } wrong ? $"status {status}, {wrong}: {body}" : null;
        }
        catch (JsonException broken)
        {
            return $"status {status} with a body that is not JSON ({broken.Message}): {body}";
        }
    }

    private static string? Error(JsonNode? json)
    {
        if (json?["error"] is not JsonObject error) return "no error object";
        if (!error.Select(entry => entry.Key).Order(StringComparer.Ordinal).SequenceEqual(Keys)) return "not the four keys";
        if (string.IsNullOrEmpty((string?)error["message"])) return "no message";
        return string.IsNullOrEmpty((string?)error["type"]) ? "no type" : null;
    }

    private static string? Events(string body)
    {
        var events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        if (events is not [.., "data: [DONE]"]) return $"a stream without an end: …{body[^Math.Min(body.Length, 500)..]}";
        foreach (var line in events[..^1])
        {
            if (line[0] == ':') continue;
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) return $"an event that is no data: {line}";
            if (JsonNode.Parse(line[6..])?["error"] is { } error) return $"a stream that failed: {error.ToJsonString()}";
        }

        return null;
    }
}
