using Gateway.Keys;

namespace Gateway.AdminConsole;

/// <summary>Whether a browser says that a request comes from the gateway's own page. What a browser says of itself no page can change.</summary>
internal static class OwnPage
{
    /// <summary>For what only shows something: an address that somebody typed is fine too.</summary>
    public static bool MayLook(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"].ToString() is var site && site.Length > 0 ? site is "same-origin" or "none" : http.Request.Headers.Origin.Count == 0 || IsOwnOrigin(http);

    /// <summary>For what changes something.</summary>
    public static bool MayChange(HttpContext http) => http.Request.Headers["Sec-Fetch-Site"].ToString() is var site && site.Length > 0 ? site is "same-origin" : IsOwnOrigin(http);

    /// <summary>Whether it comes from a browser on this machine that asks under one of this machine's names.</summary>
    public static bool IsOnThisMachine(HttpContext http) => Local.IsAskedHere(http) && (http.Request.Headers.Origin.Count == 0 || IsOwnOrigin(http));

    // Not the scheme: behind what ends TLS it is another.
    private static bool IsOwnOrigin(HttpContext http) =>
        http.Request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out var from) && http.Request.Host is { HasValue: true } host
        && string.Equals(from.Host.Trim('[', ']'), host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) && (host.Port is { } port ? port == from.Port : from.IsDefaultPort);
}
