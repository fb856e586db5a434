using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gateway.Errors;
using Gateway.Protocol;

namespace Gateway.Forwarding;

/// <summary>What an upstream's refusal means for the call, and what of its text the client may see.</summary>
internal static class UpstreamErrors
{
    private const int MaxBytes = 64 << 10;

    /// <summary>The verdict on an answer that is no success.</summary>
    public static async Task<AttemptResult> ReadAsync(Attempt attempt, HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        attempt.Timer.Enter(Reasons.IdleTimeout, attempt.Target.Upstream is Routing.LocalUpstream ? null : attempt.Model.Options.Timeouts.Idle);
        var text = await TextAsync(response, cancellation);
        var type = status < 500 ? "invalid_request_error" : "server_error";
        var error = Redacted(attempt, Parse(text, type) ?? new ApiErrorBody(Plain(text, status), type, null, null));
        var model = attempt.Model.Name;
        var wait = RetryAfter.Of(response, attempt.Call.Time);
        switch (status)
        {
            case 401 or 403:
                return new AttemptResult(Verdict.Refused, Reasons.Status(status), Problems.UpstreamAuth(model)) { Status = status };
            case 429:
                return new AttemptResult(Verdict.Transient, Reasons.Status(status), Problems.UpstreamLimit(error, wait)) { Status = status, RetryAfter = wait };
            case 408 or 409 or >= 500:
                return new AttemptResult(Verdict.Transient, Reasons.Status(status), Problems.UpstreamFailed(model, error.Message) with { RetryAfter = wait }) { Status = status, RetryAfter = wait };
            case < 400:
                return new AttemptResult(Verdict.Transient, Reasons.Status(status), Problems.UpstreamFailed(model, $"it answered with status {status}, which is not followed")) { Status = status };
            default:
                return new AttemptResult(Verdict.Refused, Reasons.Status(status), new Problem(status, new ApiError(error)))
                {
                    Status = status,
                    FallsBackOn = FallsBackOn(error),
                    RefusesUsage = status is 400 && AsksForUsage(attempt) && (text.Contains("stream_options", StringComparison.Ordinal) || text.Contains("include_usage", StringComparison.Ordinal)),
                };
        }
    }

    // A client's own option goes without saying where it says nothing else: else what is refused may be its mistake.
    private static bool AsksForUsage(Attempt attempt) => attempt.Usage switch
    {
        Calls.UsageOption.Added => true,
        Calls.UsageOption.Passed => attempt.Target.Upstream is not Routing.LocalUpstream && attempt.Call.Body is { Stream: true, AsksOnlyForUsage: true },
        _ => false,
    };

    /// <summary>The verdict on an error where an answer should be: a stream's first event, or a plain answer with the status of a good one.</summary>
    public static AttemptResult OfData(Attempt attempt, ReadOnlySpan<byte> data)
    {
        var error = Parse(Encoding.UTF8.GetString(data), "server_error");
        return new AttemptResult(Verdict.Transient, Reasons.ErrorEvent, Problems.UpstreamFailed(attempt.Model.Name, attempt.Redact(error?.Message ?? "it sent an error"))) { Status = 200, FallsBackOn = error is null ? null : FallsBackOn(error) };
    }

    /// <summary>Passes an error event on: as it is where it has the contract's shape and holds nothing secret, else in that shape.</summary>
    public static void Pass(Attempt attempt, ReadOnlySpan<byte> text, PipeWriter to)
    {
        var error = Parse(Encoding.UTF8.GetString(StreamEvents.Data(text, out var named)), "server_error");
        var whole = Encoding.UTF8.GetString(text);
        // Escapes hide a secret from a look at the bytes, and none from a look at the text.
        if (error is not null && !named && attempt.Redact(whole) == whole && Redacted(attempt, error) == error && IsShaped(StreamEvents.Data(text, out _)))
        {
            to.Write(text);
            return;
        }

        var body = error ?? new ApiErrorBody("The upstream ended the stream with an error.", "server_error", null, "upstream_error");
        Sse.Write(to, JsonSerializer.SerializeToUtf8Bytes(new ApiError(Redacted(attempt, body)), ProtocolJson.Wire.ApiError));
    }

    private static ApiErrorBody Redacted(Attempt attempt, ApiErrorBody error) => error with
    {
        Message = attempt.Redact(error.Message),
        Type = attempt.Redact(error.Type),
        Param = error.Param is null ? null : attempt.Redact(error.Param),
        Code = error.Code is null ? null : attempt.Redact(error.Code),
    };

    private static string? FallsBackOn(ApiErrorBody error) => error.Code switch
    {
        "context_length_exceeded" or "string_above_max_length" => "context",
        "content_filter" or "content_policy_violation" or "ResponsibleAIPolicyViolation" => "content",
        _ when error.Message.Contains("maximum context length", StringComparison.OrdinalIgnoreCase) => "context",
        _ => null,
    };

    // {"error": {…}}, {"error": "…"}, {"message": …}, {"detail": …}: what servers of this field answer with.
    private static ApiErrorBody? Parse(string text, string type)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            var root = parsed.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return null;
            if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String) return new ApiErrorBody(error.GetString()!, type, null, null);
            if (error.ValueKind != JsonValueKind.Object) error = root;
            var message = Text(error, "message") ?? Text(error, "detail");
            return message is null ? null : new ApiErrorBody(message, Text(error, "type") ?? type, Text(error, "param"), Text(error, "code"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement error, string name) =>
        !error.TryGetProperty(name, out var value) ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;

    private static bool IsShaped(ReadOnlySpan<byte> data)
    {
        using var parsed = JsonDocument.Parse(data.ToArray());
        return parsed.RootElement.GetProperty("error").ValueKind == JsonValueKind.Object;
    }

    // A page of HTML is no message.
    private static string Plain(string text, int status) =>
        text.Length is > 0 and <= 500 && !text.TrimStart().StartsWith('<') ? text.Trim() : $"The upstream answered with status {status.ToString(CultureInfo.InvariantCulture)}.";

    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes);
        try
        {
            await using var body = await AttemptTransformer.BodyAsync(response, cancellation);
            var length = await body.ReadAtLeastAsync(buffer.AsMemory(0, MaxBytes), MaxBytes, throwOnEndOfStream: false, cancellation);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return ""; // the status says enough
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
