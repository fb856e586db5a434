using Gateway.Models;

namespace Gateway.Configuration;

/// <summary>Settings and the models that they publish, as they were at one moment.</summary>
public sealed record GatewaySnapshot(GatewayOptions Options, ModelCatalogue Catalogue);

/// <summary>The snapshot that new calls get; swapped whole.</summary>
public sealed class LiveSettings(GatewaySnapshot first)
{
    private GatewaySnapshot current = first;

    /// <summary>Take it once and keep it for the call.</summary>
    public GatewaySnapshot Current => Volatile.Read(ref current);

    /// <summary>From now on.</summary>
    public void Replace(GatewaySnapshot next) => Volatile.Write(ref current, next);
}
