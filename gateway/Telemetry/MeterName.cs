namespace Gateway.Telemetry;

/// <summary>What the gateway's meter is called. Two gateways in one process need two names, for listeners tell meters apart by nothing else.</summary>
public sealed record MeterName(string Value)
{
    /// <summary>Everywhere but there.</summary>
    public static MeterName Default { get; } = new("Gateway");
}
