using Gateway.Protocol;

namespace Gateway.Errors;

public static partial class Problems
{
    /// <summary>The caller said <c>only-if-cached</c>.</summary>
    public static Problem NotCached() => new(504, ApiError.Invalid("No answer to this request is cached, and it allows no other (Cache-Control: only-if-cached).", code: "not_cached")) { ShouldRetry = false };
}
