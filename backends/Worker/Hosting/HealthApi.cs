using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Hosting;

/// <summary>Alive, ready, and how busy.</summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("live"));
        routes.MapGet("/health/ready", (ModelSlot slot) => Results.Text(slot.Served is not null ? "ready" : ""));
        routes.MapGet("/internal/load", (HttpContext http, ModelSlot slot) =>
        {
            var load = slot.Served.Load;
            return Answer.JsonAsync(http, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("running"u8, load.Running);
                json.WriteNumber("waiting"u8, load.Waiting);
                json.WriteNumber("cache_usage"u8, load.CacheUsage);
                json.WriteNumber("steps"u8, load.Steps);
                json.WriteEndObject();
            });
        });
    }
}
