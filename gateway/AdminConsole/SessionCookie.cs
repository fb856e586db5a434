using Gateway.Admin;

namespace Gateway.AdminConsole;

/// <summary>Where a browser keeps its session: out of scripts' reach, for the admin API alone, and for pages of this site alone.</summary>
internal static class SessionCookie
{
    public const string Name = "gateway-session";

    public static string? Read(HttpContext http) => http.Request.Cookies[Name] is { Length: > 0 } text ? text : null;

    public static void Write(HttpContext http, string text) => http.Response.Cookies.Append(Name, text, Options(http));

    public static void Remove(HttpContext http) => http.Response.Cookies.Delete(Name, Options(http));

    // Behind what ends TLS the browser's own word for its page is the origin's scheme.
    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Path = AdminDoor.Root,
        Secure = http.Request.IsHttps || http.Request.Headers.Origin.ToString().StartsWith("https://", StringComparison.OrdinalIgnoreCase),
    };
}
