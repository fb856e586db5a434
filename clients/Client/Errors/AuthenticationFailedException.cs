namespace Gateway.Client.Errors;

/// <summary>The key is missing, wrong or expired (401).</summary>
public sealed class AuthenticationFailedException(string message) : GatewayException(message);
