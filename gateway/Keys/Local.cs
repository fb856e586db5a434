using System.Net;

namespace Gateway.Keys;

/// <summary>Whether a request comes from this machine, which is more than a loopback peer.</summary>
internal static class Local
{
    // A page in this machine's browser is not this machine: it says its origin, or asks under a name that was turned to loopback.
    public static bool IsThisMachine(HttpContext http) => http.Request.Headers.Origin.Count == 0 && IsAskedHere(http);

    /// <summary>Whether it comes from here and asks under one of this machine's names, whatever page it may be of.</summary>
    public static bool IsAskedHere(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is { } peer && !IPAddress.IsLoopback(peer)) return false;
        if (http.Request.Headers.ContainsKey("X-Forwarded-For")) return false;
        var host = http.Request.Host.Host.Trim('[', ']');
        return host is "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
