using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Gateway.Errors;
using Gateway.Routing;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// What YARP asks of an attempt: where its request goes, and what becomes of the answer. The answer's body never goes YARP's own way,
/// whose copy cannot end a broken stream in one clear event.
/// </summary>
internal sealed class AttemptTransformer(Attempt attempt, HttpContent body) : HttpTransformer
{
    // The base would copy headers from the context that it is given; they are copied from the client's here, once.
    public override ValueTask TransformRequestAsync(HttpContext http, HttpRequestMessage request, string destinationPrefix, CancellationToken cancellationToken)
    {
        var call = attempt.Call;
        request.RequestUri = attempt.Target.Upstream.AddressOf(call.Path, attempt.ModelThere);
        RequestHeaders.Copy(call.Http.Request.Headers, request, body);
        request.Headers.TryAddWithoutValidation("x-request-id", call.Http.TraceIdentifier);
        if (call.Deadline is { } deadline) request.Headers.TryAddWithoutValidation("X-Request-Timeout", deadline.Left(call.Time.GetTimestamp(), call.Time).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
        if (attempt.Target.Upstream is LocalUpstream && call.Body.Stream) request.Headers.TryAddWithoutValidation("x-gateway-usage", "end");
        TraceContext.Write(attempt, request);
        attempt.Target.Upstream.Sign(request);
        body.Headers.Remove("Content-Type");
        body.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<bool> TransformResponseAsync(HttpContext http, HttpResponseMessage? response, CancellationToken cancellationToken)
    {
        if (response is null) return true;
        var status = (int)response.StatusCode;
        if (status is < 200 or > 299)
        {
            attempt.Decide(await UpstreamErrors.ReadAsync(attempt, response, attempt.Cancelled));
            return false;
        }

        if (HasTwoLengths(response))
        {
            attempt.Decide(Broken(Reasons.BadFraming, status));
            attempt.Cancel(); // where this answer ends and the next begins nobody knows: the connection goes with it
            return false;
        }

        await using var answer = await BodyAsync(response, attempt.Cancelled);
        var isStream = IsStream(response.Content.Headers);
        if (attempt.Call.Body.Stream && !isStream) attempt.Decide(Broken(Reasons.NotSse, status));
        else if (!attempt.Call.Body.Stream) await new PlainRelay(attempt, answer, response).RunAsync();
        else
        {
            using var relay = new StreamRelay(attempt, answer, response);
            await relay.RunAsync();
        }

        return false;
    }

    private AttemptResult Broken(string reason, int status) => new(Verdict.Transient, reason, Problems.UpstreamBroke(attempt.Model.Name)) { Status = status };

    // As servers write it, which is not always as it is to be written.
    private static bool IsStream(HttpContentHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Content-Type", out var type)) return false;
        var text = type.ToString().AsSpan();
        if (text.IndexOf(';') is >= 0 and var end) text = text[..end];
        return text.Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasTwoLengths(HttpResponseMessage response)
    {
        if (!response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths)) return false;
        if (lengths.Count == 1 && !lengths.ToString().Contains(',', StringComparison.Ordinal)) return false;
        return lengths.SelectMany(static length => length.Split(',', StringSplitOptions.TrimEntries)).Distinct().Skip(1).Any();
    }

    // Nobody was asked to compress; some do it all the same.
    internal static async Task<Stream> BodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellation);
        return response.Content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            _ => body,
        };
    }
}
