namespace Gateway.Client.Errors;

/// <summary>More than the server takes now, or than the key may spend (429).</summary>
public sealed class RateLimitedException(string message) : GatewayException(message)
{
    /// <summary>How long the server asked to wait; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
