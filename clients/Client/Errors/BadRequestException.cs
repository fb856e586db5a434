namespace Gateway.Client.Errors;

/// <summary>The request is at fault (4xx): <see cref="GatewayException.Error"/> names the parameter. Asking again will not help.</summary>
public sealed class BadRequestException(string message) : GatewayException(message);
