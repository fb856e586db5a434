using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gateway.Telemetry;

/// <summary>Who collects: Prometheus by <c>/metrics</c> always, OTLP where the environment says where to.</summary>
internal static class TelemetrySetup
{
    /// <summary>Adds the meter, its readers, and a listener to spans only where somebody gets them.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(MeterName.Default);
        builder.Services.TryAddSingleton(new MetricLabels());
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.ConfigureOpenTelemetryMeterProvider(static (services, metrics) =>
        {
            var name = services.GetRequiredService<MeterName>().Value;
            // The library's own bound of 2,000 series would be reached by a few hundred models.
            metrics.AddMeter(name).AddView(instrument => instrument.Meter.Name == name ? new MetricStreamConfiguration { CardinalityLimit = GatewayMetrics.MostSeries } : null);
        });
        var telemetry = builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter("System.Runtime").AddPrometheusExporter());
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"])) telemetry.ConfigureResource(static resource => resource.AddService("gateway"));
        if (Exports(builder.Configuration, "TRACES")) telemetry.WithTracing(static traces => traces.AddSource(CallTelemetry.SourceName).AddOtlpExporter());
        if (Exports(builder.Configuration, "METRICS")) telemetry.WithMetrics(static metrics => metrics.AddOtlpExporter());
    }

    private static bool Exports(ConfigurationManager configuration, string signal) =>
        !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
}
