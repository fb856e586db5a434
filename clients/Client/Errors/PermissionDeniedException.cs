namespace Gateway.Client.Errors;

/// <summary>The key may not do this (403).</summary>
public sealed class PermissionDeniedException(string message) : GatewayException(message);
