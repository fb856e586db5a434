namespace Gateway.Worker.Errors;

/// <summary>One error as the wire says it.</summary>
internal sealed record Problem(int Status, string Message, string? Param = null, string? Code = null, string Type = "invalid_request_error")
{
    /// <summary>When it is worth asking again; sent as <c>Retry-After</c>, because some clients retry within milliseconds without it.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
