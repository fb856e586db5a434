namespace Gateway.Client.Errors;

/// <summary>There is no model of that name, or not for this key (404).</summary>
public sealed class ModelNotFoundException(string message) : GatewayException(message);
