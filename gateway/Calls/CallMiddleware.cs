using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Errors;

namespace Gateway.Calls;

/// <summary>What every answer has: an id, the time it took, and an error object where something went wrong.</summary>
public sealed partial class CallMiddleware(RequestDelegate next, TimeProvider time, ILogger<CallMiddleware> logger)
{
    /// <summary>Runs the call.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var began = time.GetTimestamp();
        var given = http.Request.Headers["x-request-id"].ToString();
        var id = given.Length > 0 && Acceptable().IsMatch(given) ? given : Identifiers.NewRequest();
        http.TraceIdentifier = id;
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers["x-request-id"] = id;
            headers["openai-version"] = "2020-10-01";
            headers["openai-processing-ms"] = ((long)time.GetElapsedTime(began).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        var presence = http.Features.Get<ClientPresence>();
        presence?.Begin(http);
        var calls = http.Features.Get<Latecomers>();
        calls?.Begin();
        try
        {
            if (Malformed(http.Request) is { } malformed)
            {
                await (malformed with { Closes = true }).WriteAsync(http);
                return;
            }

            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: 404 or 405, ContentLength: null } && http.GetEndpoint() is null or { DisplayName: "405 HTTP Method Not Supported" })
                await (http.Response.StatusCode == 405 ? Problems.WrongMethod(http.Request.Method, http.Request.Path) : Problems.NoSuchUrl(http.Request.Method, http.Request.Path)).WriteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left: there is nobody to answer.
        }
        catch (ProblemException e) when (!http.Response.HasStarted)
        {
            await e.Problem.WriteAsync(http);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await (e.StatusCode == 413 ? Problems.TooLarge(http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0) : e.StatusCode == 400 ? Problems.BadRequest(e.Message) : Problems.RefusedByServer(e.StatusCode)).WriteAsync(http);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            logger.LogError(e, "{Id} failed", id);
            await Problems.Unexpected().WriteAsync(http);
        }
        finally
        {
            calls?.End();
            presence?.End();
        }
    }

    private static Problem? Malformed(HttpRequest request)
    {
        if (HeaderLimits.Exceeded(request.Headers)) return Problems.RefusedByServer(431);
        var coding = request.Headers.TransferEncoding;
        if (coding.Count == 0) return null;
        // Kestrel reads such a request by its chunks, and keeps the length under this name; whoever sent it may have meant two.
        if (request.Headers.ContainsKey("X-Content-Length")) return Problems.TwoLengths();
        // Nor does it mind what else is named before the chunks, or a version that has none.
        return coding.Count == 1 && string.Equals(coding[0], "chunked", StringComparison.OrdinalIgnoreCase) && !HttpProtocol.IsHttp10(request.Protocol) ? null : Problems.OtherThanChunks();
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,128}$")]
    private static partial Regex Acceptable();
}
