using System.Globalization;
using System.Text.Json;

namespace Gateway.Worker.Errors;

/// <summary>The OpenAI error object, as a response of its own or inside an event stream. All four keys are always present.</summary>
internal static class ProblemWriter
{
    public static async Task WriteAsync(HttpResponse response, Problem problem, CancellationToken cancellation)
    {
        response.StatusCode = problem.Status;
        response.ContentType = "application/json";
        if (problem.RetryAfter is { } wait)
        {
            // Clients ignore waits beyond a minute, and treat zero as none.
            var bounded = TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds, 1, 60_000));
            response.Headers.RetryAfter = ((int)Math.Ceiling(bounded.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            response.Headers["retry-after-ms"] = ((int)Math.Ceiling(bounded.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
            response.Headers["x-should-retry"] = "true";
        }

        using (var json = new Utf8JsonWriter(response.BodyWriter, Requests.WireJson.Writing)) Write(json, problem);
        await response.BodyWriter.FlushAsync(cancellation);
    }

    public static void Write(Utf8JsonWriter json, Problem problem)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, problem.Message);
        json.WriteString("type"u8, problem.Type);
        json.WriteString("param"u8, problem.Param);
        json.WriteString("code"u8, problem.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
