using Gateway.Protocol;

namespace Gateway.Client.Errors;

/// <summary>The server refused or failed, or could not be understood. Its kinds are the classes that derive from it.</summary>
public class GatewayException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The HTTP status; null where none came.</summary>
    public int? Status { get; init; }

    /// <summary>The error object as the server sent it; null where none came.</summary>
    public ApiErrorBody? Error { get; init; }

    /// <summary>The header <c>x-request-id</c>: what to tell the people who run the server.</summary>
    public string? RequestId { get; init; }
}
