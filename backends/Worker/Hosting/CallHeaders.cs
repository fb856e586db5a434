using System.Diagnostics;
using System.Globalization;

namespace Gateway.Worker.Hosting;

/// <summary>The headers that every answer carries, errors and streams included.</summary>
internal sealed class CallHeaders(RequestDelegate next)
{
    private const int MaxIdLength = 128;

    public Task InvokeAsync(HttpContext http)
    {
        var started = Stopwatch.GetTimestamp();
        var given = http.Request.Headers["x-request-id"].ToString();
        var id = IsValid(given) ? given : $"req_{Guid.NewGuid():N}";
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers["x-request-id"] = id;
            headers["openai-version"] = "2020-10-01";
            headers["openai-processing-ms"] = ((long)Stopwatch.GetElapsedTime(started).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        return next(http);
    }

    private static bool IsValid(string id) => id.Length is > 0 and <= MaxIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
