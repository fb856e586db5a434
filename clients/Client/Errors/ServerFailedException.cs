namespace Gateway.Client.Errors;

/// <summary>The server or what stands behind it failed (5xx).</summary>
public sealed class ServerFailedException(string message) : GatewayException(message)
{
    /// <summary>How long the server asked to wait; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
