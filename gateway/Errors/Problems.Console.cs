using Gateway.Protocol;

namespace Gateway.Errors;

public static partial class Problems
{
    /// <summary>A session's cookie came without what only its own page knows.</summary>
    public static Problem NotFromThePage(string header) => new(403, ApiError.Invalid($"This does not come from the console's own page: a session changes something only with its '{header}', from the same origin.", code: "csrf"));
}
