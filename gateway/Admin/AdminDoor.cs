using Gateway.Admin.Docs;
using Gateway.AdminConsole;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Telemetry;
using Gateway.Usage.Reading;

namespace Gateway.Admin;

/// <summary>Who may see <c>/admin/v1</c>, <c>/v1/organization</c> and <c>/metrics</c>, and on which port. A port of their own serves nothing else but health.</summary>
internal sealed class AdminDoor(RequestDelegate next, AdminUrls urls, Access access, Sessions sessions)
{
    public const string Root = "/admin/v1";

    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        var isMetrics = path.Equals(MetricsPage.Path, StringComparison.OrdinalIgnoreCase);
        var isAdmin = isMetrics || path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments(OrganizationApi.Root, StringComparison.OrdinalIgnoreCase);
        if (urls.IsSet && urls.Has(http.Connection.LocalPort) != isAdmin && !(path.StartsWithSegments("/health") && !isAdmin))
            throw new ProblemException(Problems.NoSuchUrl(http.Request.Method, path));
        if (!isAdmin) return next(http);
        if (SessionApi.IsAt(path)) return next(http);
        if (!isMetrics || !urls.IsSet) return AdmitAsync(http);
        // Prometheus finds a port that is not the public's open: who may reach it is the network's business.
        http.Features.Set(Caller.Anonymous);
        return next(http);
    }

    private async Task AdmitAsync(HttpContext http)
    {
        var browsed = AdminDocument.IsForBrowsers(http.Request.Path);
        if (browsed) BasicKey.TakeOver(http.Request.Headers);
        try
        {
            // Who says a key means that one, whatever a browser sends along.
            var signedIn = GivenKey.Of(http.Request.Headers).IsEmpty ? await sessions.AdmitAsync(http) : null;
            http.Features.Set(signedIn ?? await access.AdmitAsync(http, Scopes.Admin));
        }
        catch (ProblemException e) when (browsed && e.Problem.Status == 401)
        {
            throw new ProblemException(e.Problem with { Challenge = BasicKey.Challenge });
        }

        if (browsed) AdminDocument.Guard(http.Response);
        await next(http);
    }
}
