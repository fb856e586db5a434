using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Telemetry;

namespace Gateway.Admin;

/// <summary>Who may see <c>/admin/v1</c> and <c>/metrics</c>, and on which port. A port of their own serves nothing else but health.</summary>
internal sealed class AdminDoor(RequestDelegate next, AdminUrls urls, LiveSettings live)
{
    public const string Root = "/admin/v1";
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        var isMetrics = path.Equals(TelemetrySetup.MetricsPath, StringComparison.OrdinalIgnoreCase);
        var isAdmin = isMetrics || path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
        if (urls.IsSet && urls.Has(http.Connection.LocalPort) != isAdmin && !(path.StartsWithSegments("/health") && !isAdmin))
            throw new ProblemException(Problems.NoSuchUrl(http.Request.Method, path));
        // Prometheus finds a port that is not the public's open: who may reach it is the network's business.
        if (isAdmin && !(isMetrics && urls.IsSet)) Check(http, live.Current.Options.AdminKey);
        return next(http);
    }

    private static void Check(HttpContext http, string? key)
    {
        if (key is null)
        {
            if (!IsThisMachine(http)) throw new ProblemException(Problems.AdminIsLocal());
            return;
        }

        var given = http.Request.Headers.Authorization.ToString();
        if (!given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !Same(given[Scheme.Length..].Trim(), key)) throw new ProblemException(Problems.WrongAdminKey());
    }

    // Of hashes: the time says nothing of the key, its length included.
    private static bool Same(string given, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    // A page in this machine's browser is not this machine: it says its origin, or asks under a name that was turned to loopback.
    private static bool IsThisMachine(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is { } peer && !IPAddress.IsLoopback(peer)) return false;
        if (http.Request.Headers.Origin.Count > 0 || http.Request.Headers.ContainsKey("X-Forwarded-For")) return false;
        var host = http.Request.Host.Host.Trim('[', ']');
        return host is "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
