using Gateway.Keys;

namespace Gateway.Admin.Audit;

/// <summary>Who changes something, and from where.</summary>
internal sealed record Author(string Who, string? Address, string? RequestId)
{
    /// <summary>Whoever sent an admitted request.</summary>
    public static Author Of(HttpContext http) => new(Caller.Of(http).Id, http.Connection.RemoteIpAddress?.ToString(), http.TraceIdentifier);

    /// <summary>Whoever sits at the command line.</summary>
    public static Author AtCommandLine { get; } = new("cli:" + Environment.UserName, null, null);
}
