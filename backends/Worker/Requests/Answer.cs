using System.Text.Json;
using Gateway.Protocol;

namespace Gateway.Worker.Requests;

/// <summary>Writes plain answers and event streams.</summary>
internal static class Answer
{
    public static async Task JsonAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(http.Response.BodyWriter, WireJson.Writing)) write(json);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    public static void StartEvents(HttpResponse response)
    {
        response.ContentType = Sse.ContentType;
        response.Headers.CacheControl = "no-cache";
        // Reverse proxies of the nginx family hold a stream back unless told otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
    }
}
