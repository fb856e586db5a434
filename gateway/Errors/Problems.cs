using Gateway.Calls;
using Gateway.Forwarding;
using Gateway.Policies;
using Gateway.Protocol;
using Gateway.Routing;

namespace Gateway.Errors;

/// <summary>Every refusal of the gateway and its text.</summary>
public static partial class Problems
{
    /// <summary>The model of a call.</summary>
    public static Problem ModelNotFound(string name) => new(404, ApiError.Invalid($"The model `{name}` does not exist or you do not have access to it.", "model", "model_not_found"));

    /// <summary>The model of <c>GET /v1/models/{id}</c>.</summary>
    public static Problem ModelNotFoundHere(string name) => new(404, ApiError.Invalid($"The model '{name}' does not exist", "model", "model_not_found"));

    /// <summary>What a caller wrote, where a message repeats it: not more than a line of it.</summary>
    public static string Brief(string text) => text.Length <= 80 ? text : text[..80] + "…";

    public static Problem NoSuchUrl(string method, string path) => new(404, ApiError.Invalid($"Invalid URL ({method} {path})"));

    public static Problem WrongMethod(string method, string path) => new(405, ApiError.Invalid($"Not allowed to {method} on {path}", code: "method_not_supported"));

    public static Problem NotJson() => new(400, ApiError.Invalid("We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent was not valid JSON."));

    public static Problem NoModel() => new(400, ApiError.Invalid("you must provide a model parameter", "model"));

    public static Problem ModelIsNoText() => new(400, ApiError.Invalid("Invalid type for 'model': expected a string.", "model", "invalid_type"));

    public static Problem TooLarge(long limit) => new(413, ApiError.Invalid($"The request body is larger than the {limit} bytes that are allowed.", code: "request_too_large"));

    public static Problem WrongContentType(string? type) => new(415, ApiError.Invalid($"Unsupported content type '{type}'. Send application/json."));

    public static Problem BadRequest(string message) => new(400, ApiError.Invalid(message));

    public static Problem TwoLengths() => new(400, ApiError.Invalid("The request has a Content-Length and a Transfer-Encoding; it may have one of them."));

    public static Problem TooDeep(int limit) => new(400, ApiError.Invalid($"The request body nests deeper than {limit} levels."));

    /// <summary>What the web server itself refuses, by its status.</summary>
    public static Problem RefusedByServer(int status) => new(status, ApiError.Invalid(status switch
    {
        405 => "The method is not allowed for this form of request target.",
        408 => "The request did not arrive in time.",
        411 => "The request needs a Content-Length or chunked transfer coding.",
        413 => "The request body is too large.",
        414 => "The request line is too long.",
        431 => "The request headers are too large or too many.",
        505 => "This version of HTTP is not supported.",
        _ => "The request is not valid HTTP: its request line, its headers (Host among them) or the framing of its body cannot be read.",
    }));

    public static Problem NotReady(string model, string reason) => new(503, ApiError.Server($"The model `{model}` cannot be served now: {reason}", "model_unavailable")) { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Problem Stopping() => new(503, ApiError.Server("The server is shutting down.", "shutting_down")) { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Problem UpstreamBroke(string model) => new(502, ApiError.Server($"The model `{model}` did not answer: its upstream broke off, or answered with something else than the contract's.", "upstream_error"));

    public static Problem AnswerTooLarge(string model, long limit) => new(502, ApiError.Server($"The model `{model}` answered with more than the {limit} bytes that are allowed.", "upstream_error")) { ShouldRetry = false };

    public static Problem UpstreamUnreachable(string model) => new(502, ApiError.Server($"The model `{model}` did not answer: its upstream cannot be reached.", "upstream_error"));

    /// <summary>The upstream's own failure, in its words.</summary>
    public static Problem UpstreamFailed(string model, string message) => new(502, ApiError.Server($"The model `{model}` did not answer: {message}", "upstream_error"));

    public static Problem UpstreamAuth(string model) => new(502, ApiError.Server($"The upstream of the model `{model}` does not accept the gateway's credentials.", "upstream_auth")) { ShouldRetry = false };

    public static Problem UpstreamLimit(ApiErrorBody error, TimeSpan? wait) =>
        new(429, new ApiError(error with { Type = error.Type is "invalid_request_error" ? "requests" : error.Type, Code = error.Code ?? "rate_limit_exceeded" })) { RetryAfter = wait ?? TimeSpan.FromSeconds(1), ShouldRetry = error.Code != "insufficient_quota" };

    /// <summary>A timer of the gateway's.</summary>
    public static Problem TimedOut(string model, string timer) => new(504, ApiError.Server($"The model `{model}` did not answer in time ({timer}).", "upstream_timeout"));

    public static Problem DeadlineOver() => new(504, ApiError.Server("The request's own deadline is over.", "deadline_exceeded"));

    /// <summary>Nobody can be asked.</summary>
    public static Problem NoTarget(string model, NoTarget reason, TimeSpan wait) => reason switch
    {
        Routing.NoTarget.RateLimited => new(429, new ApiError(new ApiErrorBody($"The upstreams of the model `{model}` take no more requests now.", "requests", null, "rate_limit_exceeded"))) { RetryAfter = wait },
        Routing.NoTarget.Saturated => new(503, ApiError.Server($"The upstreams of the model `{model}` have as many calls as they take.", "upstream_saturated")) { RetryAfter = TimeSpan.FromSeconds(1) },
        _ => new(503, ApiError.Server($"No upstream of the model `{model}` is healthy now.", "no_healthy_upstream")) { RetryAfter = wait > TimeSpan.Zero && wait < TimeSpan.FromMinutes(1) ? wait : TimeSpan.FromSeconds(5) },
    };

    /// <summary>The one event that ends a broken stream.</summary>
    public static ApiError StreamBroke(string model, string reason) => reason switch
    {
        Reasons.IdleTimeout => ApiError.Server($"The stream broke: the model `{model}` said nothing for too long.", "upstream_timeout"),
        Reasons.Deadline => DeadlineOver().Error,
        Reasons.Stopping => Stopping().Error,
        _ => ApiError.Server($"The stream broke: the model `{model}` stopped answering before the end.", "stream_broken"),
    };

    public static Problem Unexpected() => new(500, ApiError.Server("The server had an error while processing your request."));
}

/// <summary>A status, its error object, and when to come back.</summary>
public sealed record Problem(int Status, ApiError Error)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60); // SDKs ignore longer ones

    /// <summary>When to come back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What SDKs are told; null to let the status speak.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>How to prove who one is: the header <c>WWW-Authenticate</c>.</summary>
    public string? Challenge { get; init; }

    /// <summary>Whether the connection ends with it: nobody can tell where the next request begins.</summary>
    public bool Closes { get; init; }

    /// <summary>Writes the answer.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        var kept = http.Response.Headers.Where(static header => header.Key.StartsWith("x-gateway-", StringComparison.OrdinalIgnoreCase) || header.Key.StartsWith(LimitHeaders.Prefix, StringComparison.OrdinalIgnoreCase) || header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase) || header.Key is "Allow" or "Vary").ToList();
        http.Response.Clear();
        http.Response.StatusCode = Status;
        foreach (var header in kept)
            if (header.Key != "Allow" || Status == 405) http.Response.Headers[header.Key] = header.Value;
        ModelRoute.Complete(http);
        http.Response.Headers["x-should-retry"] = ShouldRetry ?? (RetryAfter is not null || Status is 408 or 409 or 429 or >= 500 and not 500) ? "true" : "false";
        if (Closes && !HttpProtocol.IsHttp2(http.Request.Protocol)) http.Response.Headers.Connection = "close"; // as where the web server refuses
        if (Challenge is not null) http.Response.Headers.WWWAuthenticate = Challenge;
        if (RetryAfter is { } wait)
        {
            wait = wait > LongestWait ? LongestWait : wait;
            http.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            http.Response.Headers["retry-after-ms"] = ((long)Math.Ceiling(wait.TotalMilliseconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await http.Response.WriteAsJsonAsync(Error, ProtocolJson.Wire.ApiError, cancellationToken: http.RequestAborted);
    }
}

/// <summary>Carries a refusal to the edge.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Error.Error.Message)
{
    /// <summary>What to answer.</summary>
    public Problem Problem { get; } = problem;
}
