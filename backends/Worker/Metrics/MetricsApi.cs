using Gateway.Worker.Models;

namespace Gateway.Worker.Metrics;

/// <summary><c>GET /metrics</c>, for Prometheus; nothing while the model loads.</summary>
internal static class MetricsApi
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", (ModelSlot slot) => Results.Text(slot.Loaded is { } model ? EngineSeries.Of(model) : "", PrometheusText.ContentType));
}
