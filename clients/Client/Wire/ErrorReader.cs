using System.Text.Json;
using Gateway.Client.Errors;
using Gateway.Protocol;

namespace Gateway.Client.Wire;

/// <summary>An answer that is no success, as the exception for its status.</summary>
internal static class ErrorReader
{
    private const int MaxErrorBytes = 64 << 10;

    public static string? RequestId(HttpResponseMessage response) => response.Headers.TryGetValues("x-request-id", out var values) ? values.First() : null;

    public static async Task<GatewayException> ReadAsync(HttpResponseMessage response, TimeSpan? retryAfter, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        var error = await BodyAsync(response, cancellation).ConfigureAwait(false);
        var message = error?.Message ?? $"The server answered {status} {response.ReasonPhrase}.";
        var id = RequestId(response);
        return status switch
        {
            401 => new AuthenticationFailedException(message) { Status = status, Error = error, RequestId = id },
            403 => new PermissionDeniedException(message) { Status = status, Error = error, RequestId = id },
            404 when error?.Code == "model_not_found" => new ModelNotFoundException(message) { Status = status, Error = error, RequestId = id },
            429 => new RateLimitedException(message) { Status = status, Error = error, RequestId = id, RetryAfter = retryAfter },
            >= 500 => new ServerFailedException(message) { Status = status, Error = error, RequestId = id, RetryAfter = retryAfter },
            >= 400 => new BadRequestException(message) { Status = status, Error = error, RequestId = id },
            _ => new GatewayException(message) { Status = status, Error = error, RequestId = id },
        };
    }

    /// <summary>Servers differ: a code may be a number, a key may be missing, the error may be a bare text.</summary>
    public static ApiErrorBody Body(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object) return new ApiErrorBody(error.ToString(), "", null, null);
        return new ApiErrorBody(Text("message") ?? error.GetRawText(), Text("type") ?? "", Text("param"), Text("code"));

        string? Text(string key) => error.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;
    }

    private static async Task<ApiErrorBody?> BodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var bytes = new byte[MaxErrorBytes];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            using var json = JsonDocument.Parse(bytes.AsMemory(0, length));
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error) ? Body(error) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            return null; // A proxy's page: the status says what there is to say.
        }
    }
}
