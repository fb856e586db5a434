using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Telemetry;

namespace Gateway.Keys;

/// <summary>Counts who was not let in, and why; never which key.</summary>
internal sealed class AccessMetrics(IMeterFactory meters, MeterName name)
{
    private readonly Counter<long> refused = meters.Create(name.Value).CreateCounter<long>("gateway.access.refused", description: "Requests that were not let in.");

    public void Refused(int status, string? code) => refused.Add(1, new TagList { { "reason", (status, code) switch { (429, _) => "throttled", (403, _) => "not_allowed", (401, null) => "no_key", (401, _) => "wrong_key", _ => "unavailable" } } });
}
