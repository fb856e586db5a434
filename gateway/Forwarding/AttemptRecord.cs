namespace Gateway.Forwarding;

/// <summary>What became of one attempt.</summary>
/// <param name="Upstream">Who was asked.</param>
/// <param name="Model">For what, by its name there.</param>
/// <param name="Reason"><c>ok</c>, or one of <see cref="Reasons"/>.</param>
/// <param name="Status">What it answered; 0 where it did not.</param>
/// <param name="Began">As a timestamp.</param>
/// <param name="Elapsed">Until its end, a stream's included.</param>
/// <param name="FirstToken">Until its first data event, or a plain answer's head.</param>
/// <param name="Committed">Whether the client saw any of it.</param>
public sealed record AttemptRecord(string Upstream, string Model, string Reason, int Status, long Began, TimeSpan Elapsed, TimeSpan? FirstToken, bool Committed)
{
    /// <summary>Why it was made, one of <see cref="Causes"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>More of the reason, for whoever runs the gateway: never a key, an address or anything of a prompt. Null where there is no more.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether its upstream was sent anything.</summary>
    public bool Sent { get; init; }
}

/// <summary>Why an attempt was made.</summary>
public static class Causes
{
    public const string First = "first";
    public const string Retry = "retry";
    public const string Fallback = "fallback";
    public const string Hedge = "hedge";
    public const string WithoutUsage = "without_usage";
}

/// <summary>Why an attempt was not the answer, or not a whole one: a closed vocabulary, for logs, metrics and spans.</summary>
public static class Reasons
{
    public const string Ok = "ok";
    public const string Connect = "connect_failed";
    public const string ConnectTimeout = "connect_timeout";
    public const string FirstTokenTimeout = "first_token_timeout";
    public const string IdleTimeout = "idle_timeout";
    public const string Deadline = "deadline";
    public const string Reset = "reset";
    public const string Empty = "empty";
    public const string NotJson = "not_json";
    public const string NotSse = "not_sse";
    public const string ErrorEvent = "error_event";
    public const string Cut = "cut";
    public const string TooLarge = "too_large";
    public const string BadFraming = "bad_framing";
    public const string Unavailable = "unavailable";
    public const string ClientLeft = "client_left";
    public const string Stopping = "shutting_down";
    public const string Outrun = "outrun"; // by a hedge

    /// <summary>Of a status that is no answer.</summary>
    public static string Status(int status) => status switch
    {
        400 => "http_400",
        401 => "http_401",
        403 => "http_403",
        404 => "http_404",
        408 => "http_408",
        409 => "http_409",
        429 => "http_429",
        500 => "http_500",
        502 => "http_502",
        503 => "http_503",
        504 => "http_504",
        _ => $"http_{status}",
    };
}
