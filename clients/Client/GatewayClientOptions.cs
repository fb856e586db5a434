namespace Gateway.Client;

/// <summary>How a <see cref="GatewayClient"/> reaches its server.</summary>
/// <param name="BaseAddress">The server, with or without a path; without one <c>/v1</c> is meant.</param>
public sealed record GatewayClientOptions(Uri BaseAddress)
{
    /// <summary>Sent as a bearer token; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Carries the requests; the caller keeps and disposes it. Null makes one that the client owns.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Measures waits and timeouts.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Further attempts after the first.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>Longest time of one attempt until it answered: the headers of a stream, all of a plain answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Waits before a retry are drawn from this seed; null draws a seed.</summary>
    public int? Seed { get; init; }

    // A record prints its members: the key must not come with them.
    /// <summary>The address alone.</summary>
    public override string ToString() => $"{nameof(GatewayClientOptions)} {{ {BaseAddress} }}";
}
