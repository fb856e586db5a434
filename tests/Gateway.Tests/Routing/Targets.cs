using Gateway.Configuration;
using Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests;

/// <summary>Targets that nobody listens at, for what is decided before anything is sent.</summary>
internal static class Targets
{
    private static readonly UpstreamConnections Connections = new(new NameResolver());

    public static Target At(string name, double weight = 1, int order = 0, TimeProvider? time = null, BreakerOptions? breaker = null, int? maxConcurrent = null) => new(
        new RemoteUpstream(name, new UpstreamOptions { Address = "http://127.0.0.1:1/v1", MaxConcurrent = maxConcurrent }, null, Connections), "m", weight, order,
        new TargetHealth(breaker ?? new BreakerOptions(), time ?? new FakeTimeProvider()));
}
