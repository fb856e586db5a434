namespace Gateway.Client.Errors;

/// <summary>A stream that had begun did not end well: an error event, a broken connection, or an end in the middle of an answer. What came before it is part of an answer.</summary>
public sealed class StreamBrokenException(string message, Exception? inner = null) : GatewayException(message, inner);
