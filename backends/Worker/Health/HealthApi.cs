using Gateway.Protocol;
using Gateway.Protocol.Models;
using Gateway.Worker.Models;

namespace Gateway.Worker.Health;

/// <summary>Whether the worker lives, whether its model is loaded, and how busy it is.</summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok());
        routes.MapGet("/health/ready", (ModelSlot slot) => slot.Loaded is null ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Ok());
        routes.MapGet("/internal/load", (ModelSlot slot) => slot.Loaded is { } model
            ? Results.Json(new { running = model.Backend.Load.Running, waiting = model.Backend.Load.Waiting, cache_usage = model.Backend.Load.CacheUsage })
            : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        routes.MapGet("/v1/models", (ModelSlot slot) => TypedResults.Json(new ModelList(slot.Loaded is { } model ? [new Model(model.Name, 0, "gateway")] : []), ProtocolJson.Wire.ModelList));
    }
}
