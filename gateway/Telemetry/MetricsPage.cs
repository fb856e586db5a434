using System.Text;
using Gateway.LocalWorkers;

namespace Gateway.Telemetry;

/// <summary>
/// <c>/metrics</c>: the gateway's own series, and below them those of the engines in its workers, which no other port leads to. A worker that is
/// not loaded has none, and is not loaded for it.
/// </summary>
internal static class MetricsPage
{
    public const string Path = "/metrics";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var workers = routes.ServiceProvider.GetRequiredService<LocalWorkerPool>();
        routes.MapPrometheusScrapingEndpoint(Path).Add(endpoint =>
        {
            var own = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = async http =>
            {
                // Workers speak the plain format only, and Prometheus takes it as well as the other, which ends with a mark that nothing may follow.
                http.Request.Headers.Accept = "text/plain";
                var asked = workers.SeriesAsync(http.RequestAborted);
                await own(http);
                var series = await asked;
                if (http.Response.StatusCode == StatusCodes.Status200OK && series.Count > 0) await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(WorkerSeries.Together(series)), http.RequestAborted);
            };
        });
    }
}
