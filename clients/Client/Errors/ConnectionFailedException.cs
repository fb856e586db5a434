namespace Gateway.Client.Errors;

/// <summary>No answer came: the server could not be reached, or not within the timeout.</summary>
public sealed class ConnectionFailedException(string message, Exception? inner = null) : GatewayException(message, inner);
