using System.Net.Http.Headers;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.LocalWorkers;
using Gateway.Models;
using Polly;
using Polly.Retry;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// Sends a call to the worker of its model: an attempt is YARP's forwarder inside a Polly pipeline. An attempt that fails before the
/// first byte is made once more, on a worker started anew; after the first byte nothing is ever retried.
/// </summary>
public sealed class Forwarder(IHttpForwarder yarp, LocalWorkerPool workers, GatewayOptions options, ILogger<Forwarder> logger)
{
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = TimeSpan.FromHours(24) };

    private readonly ResiliencePipeline<Attempt> pipeline = new ResiliencePipelineBuilder<Attempt>()
        .AddRetry(new RetryStrategyOptions<Attempt>
        {
            MaxRetryAttempts = 1,
            Delay = TimeSpan.Zero,
            ShouldHandle = new PredicateBuilder<Attempt>().HandleResult(attempt => attempt is { Failed: true, Committed: false }),
        })
        .Build();

    /// <summary>Forwards a call and answers it, whatever happens.</summary>
    internal async Task ForwardAsync(HttpContext http, PublishedModel model, RequestBody body, string path, IAnswerObserver? observer = null)
    {
        http.Response.Headers["x-gateway-model"] = model.Name;
        http.Response.Headers["x-gateway-upstream"] = "local";
        var attempts = 0;
        var last = await pipeline.ExecuteAsync(async cancellation => await TryAsync(http, model, body, path, observer, ++attempts, cancellation), http.RequestAborted);
        if (last.Problem is not null && !http.Response.HasStarted) throw new ProblemException(last.Problem);
    }

    private async Task<Attempt> TryAsync(HttpContext http, PublishedModel model, RequestBody body, string path, IAnswerObserver? observer, int attempt, CancellationToken cancellation)
    {
        WorkerLease lease;
        try
        {
            lease = await workers.For(model).AcquireAsync(cancellation);
        }
        catch (WorkerFailedException e)
        {
            return new Attempt(false, false, Problems.NotReady(model.Name, e.Message));
        }

        using (lease)
        {
            http.Response.Headers["x-gateway-attempts"] = attempt.ToString(System.Globalization.CultureInfo.InvariantCulture);
            http.Request.Body = new MemoryStream(body.Bytes, writable: false);
            http.Request.ContentLength = body.Bytes.Length;
            var transformer = new AnswerTransformer(path, model.Name, options.Limits.MaxResponseBytes, observer);
            var error = await yarp.SendAsync(http, "http://worker", lease.Http, Patient, transformer, cancellation);
            if (error != ForwarderError.None && !cancellation.IsCancellationRequested)
            {
                logger.LogWarning("{Model}: attempt {Attempt} failed: {Error}", model.Name, attempt, error);
                return new Attempt(true, http.Response.HasStarted, Problems.UpstreamBroke(model.Name));
            }

            return transformer.Outcome;
        }
    }
}

/// <summary>How an attempt went.</summary>
/// <param name="Failed">The worker did not answer in full.</param>
/// <param name="Committed">The client has seen bytes of it.</param>
/// <param name="Problem">What to tell the client if it stays so.</param>
public sealed record Attempt(bool Failed, bool Committed, Problem? Problem);

/// <summary>Rewrites the request's address and takes the answer's body itself: YARP's own copy cannot end a broken stream in one clear event.</summary>
internal sealed class AnswerTransformer(string path, string model, long maxResponseBytes, IAnswerObserver? observer) : HttpTransformer
{
    public Attempt Outcome { get; private set; } = new(false, false, null);

    public override async ValueTask TransformRequestAsync(HttpContext http, HttpRequestMessage request, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(http, request, destinationPrefix, cancellationToken);
        request.RequestUri = new Uri(destinationPrefix + path);
        request.Headers.Host = null;
        // The key was for the gateway, cookies for nobody, and compression would only be undone here.
        foreach (var name in (string[])["Authorization", "Cookie", "Accept-Encoding", "Expect"]) request.Headers.Remove(name);
        request.Headers.Remove("x-request-id");
        request.Headers.TryAddWithoutValidation("x-request-id", http.TraceIdentifier);
        if (request.Content is not null) request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext http, HttpResponseMessage? response, CancellationToken cancellationToken)
    {
        if (response is null) return true;
        var own = http.Response.Headers.Where(header => header.Key.StartsWith("x-gateway-", StringComparison.OrdinalIgnoreCase)).ToList();
        await base.TransformResponseAsync(http, response, cancellationToken);
        foreach (var header in own) http.Response.Headers[header.Key] = header.Value;
        foreach (var name in (string[])["x-request-id", "openai-processing-ms", "openai-version", "Set-Cookie", "Server", "Date"]) http.Response.Headers.Remove(name);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        observer?.Begin();
        Outcome = response.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? await new StreamRelay(model, observer).CopyAsync(body, http, cancellationToken)
            : await CopyPlainAsync(body, http, cancellationToken);
        return false;
    }

    /// <summary>A plain answer is taken whole before its first byte goes on, so that a cut one can be asked for again.</summary>
    private async Task<Attempt> CopyPlainAsync(Stream body, HttpContext http, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        try
        {
            var part = new byte[32 << 10];
            int read;
            while ((read = await body.ReadAsync(part, cancellation)) > 0)
            {
                if (whole.Length + read > maxResponseBytes) return new Attempt(false, false, Problems.UpstreamBroke(model));
                whole.Write(part, 0, read);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Attempt(true, false, Problems.UpstreamBroke(model));
        }

        if (http.Response.StatusCode == StatusCodes.Status200OK) observer?.Plain(whole.GetBuffer().AsMemory(0, (int)whole.Length));
        http.Response.ContentLength = whole.Length;
        whole.Position = 0;
        await whole.CopyToAsync(http.Response.Body, cancellation);
        return new Attempt(false, true, null);
    }
}
