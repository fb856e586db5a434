using Gateway.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Errors;

/// <summary>Every refusal of the gateway and its text.</summary>
public static partial class Problems
{
    /// <summary>The model of a call.</summary>
    public static Problem ModelNotFound(string name) => new(404, ApiError.Invalid($"The model `{name}` does not exist or you do not have access to it.", "model", "model_not_found"));

    /// <summary>The model of <c>GET /v1/models/{id}</c>.</summary>
    public static JsonHttpResult<ApiError> ModelNotFoundHere(string name) =>
        TypedResults.Json(ApiError.Invalid($"The model '{name}' does not exist", "model", "model_not_found"), ProtocolJson.Wire.ApiError, statusCode: 404);

    public static Problem NoSuchUrl(string method, string path) => new(404, ApiError.Invalid($"Invalid URL ({method} {path})"));

    public static Problem WrongMethod(string method, string path) => new(405, ApiError.Invalid($"Not allowed to {method} on {path}", code: "method_not_supported"));

    public static Problem NotJson() => new(400, ApiError.Invalid("We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent was not valid JSON."));

    public static Problem NoModel() => new(400, ApiError.Invalid("you must provide a model parameter", "model"));

    public static Problem ModelIsNoText() => new(400, ApiError.Invalid("Invalid type for 'model': expected a string.", "model", "invalid_type"));

    public static Problem TooLarge(long limit) => new(413, ApiError.Invalid($"The request body is larger than the {limit} bytes that are allowed.", code: "request_too_large"));

    public static Problem WrongContentType(string? type) => new(415, ApiError.Invalid($"Unsupported content type '{type}'. Send application/json."));

    public static Problem BadRequest(string message) => new(400, ApiError.Invalid(message));

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

    public static Problem NotReady(string model, string reason) => new(503, ApiError.Server($"The model `{model}` cannot be served now: {reason}", "model_unavailable"), RetryAfterSeconds: 5);

    public static Problem Stopping() => new(503, ApiError.Server("The server is shutting down.", "shutting_down"), RetryAfterSeconds: 5);

    public static Problem UpstreamBroke(string model) => new(502, ApiError.Server($"The model `{model}` stopped answering.", "upstream_error"));

    /// <summary>The one event that ends a broken stream.</summary>
    public static ApiError StreamBroke(string model) => ApiError.Server($"The stream broke: the model `{model}` stopped answering before the end.", "stream_broken");

    public static Problem Unexpected() => new(500, ApiError.Server("The server had an error while processing your request."));
}

/// <summary>A status, its error object, and when to come back.</summary>
public sealed record Problem(int Status, ApiError Error, int? RetryAfterSeconds = null)
{
    /// <summary>Writes the answer.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        var allowed = http.Response.Headers.Allow; // the router's, of a 405
        http.Response.Clear();
        http.Response.StatusCode = Status;
        if (Status == 405) http.Response.Headers.Allow = allowed;
        http.Response.Headers["x-should-retry"] = RetryAfterSeconds is null && Status is not (502 or 504) ? "false" : "true";
        if (RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            http.Response.Headers["retry-after-ms"] = (seconds * 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);
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
