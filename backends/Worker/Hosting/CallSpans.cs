using System.Diagnostics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gateway.Worker.Hosting;

/// <summary>A span of each call under the one that the gateway names as its parent; nothing where nobody listens.</summary>
internal sealed class CallSpans(RequestDelegate next)
{
    /// <summary>What a listener asks for.</summary>
    public const string SourceName = "Gateway.Worker";

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether the environment says where spans go.</summary>
    public static bool AreExported(ConfigurationManager configuration) =>
        !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) || !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);

    /// <summary>Sends them there.</summary>
    public static void Export(IServiceCollection services) => services.AddOpenTelemetry()
        .ConfigureResource(static resource => resource.AddService("gateway-worker"))
        .WithTracing(static traces => traces.AddSource(SourceName).AddOtlpExporter());

    public Task InvokeAsync(HttpContext http) => Source.HasListeners() && HttpMethods.IsPost(http.Request.Method) ? WatchedAsync(http) : next(http);

    private async Task WatchedAsync(HttpContext http)
    {
        var headers = http.Request.Headers;
        ActivityContext.TryParse(headers.TraceParent.ToString(), headers.TraceState.ToString() is { Length: > 0 } state ? state : null, isRemote: true, out var parent);
        Activity.Current = null; // the web server's own, which nobody exports
        using var span = Source.StartActivity("worker", ActivityKind.Server, parent);
        span?.SetTag("url.path", http.Request.Path.Value).SetTag("gateway.request.id", headers["x-request-id"].ToString());
        await next(http);
        span?.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= 500) span?.SetStatus(ActivityStatusCode.Error);
    }
}
