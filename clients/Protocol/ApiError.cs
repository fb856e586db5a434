using System.Text.Json.Serialization;

namespace Gateway.Protocol;

/// <summary>The error object of every endpoint: <c>{"error": {…}}</c>.</summary>
public sealed record ApiError([property: JsonPropertyName("error")] ApiErrorBody Error)
{
    /// <summary>A caller's mistake.</summary>
    public static ApiError Invalid(string message, string? param = null, string? code = null) => new(new ApiErrorBody(message, "invalid_request_error", param, code));

    /// <summary>The server's own failure.</summary>
    public static ApiError Server(string message, string? code = null) => new(new ApiErrorBody(message, "server_error", null, code));

    /// <summary>More than the server takes now.</summary>
    public static ApiError Busy(string message) => new(new ApiErrorBody(message, "requests", null, "rate_limit_exceeded"));
}

/// <summary>All four keys are always on the wire, null where they say nothing.</summary>
/// <param name="Message">For people.</param>
/// <param name="Type">The family of the error, such as <c>invalid_request_error</c>.</param>
/// <param name="Param">The parameter at fault, as a path such as <c>messages[0].content</c>.</param>
/// <param name="Code">For programs, such as <c>model_not_found</c>.</param>
public sealed record ApiErrorBody(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("param"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
