using Gateway.Admin;
using Gateway.Configuration;
using Microsoft.AspNetCore.Http;

namespace Gateway.AdminConsole;

/// <summary>
/// The page at <c>/</c> and what it consists of, on the ports of administration. It is the same for everybody and says nothing of this
/// gateway; what it shows it asks the admin API for. A client that does not ask for HTML finds nothing at <c>/</c>.
/// </summary>
internal sealed class ConsolePages(RequestDelegate next, AdminUrls urls, LiveSettings settings)
{
    private const string Root = "/console";

    // Nothing from elsewhere, no script or style that is not a file of ours, and no text that becomes markup.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

    private readonly Lazy<Dictionary<string, ConsoleFile>> files = new(ConsoleFile.All);

    /// <summary>Which of the addresses that are listened on a browser may be told; null for none.</summary>
    public static string? AddressOf(IEnumerable<string> addresses, AdminUrls urls) =>
        addresses.FirstOrDefault(address => BindingAddress.Parse(address) is { IsUnixPipe: false, IsNamedPipe: false, Port: var port } && (!urls.IsSet || urls.Has(port)));

    public Task InvokeAsync(HttpContext http) => Find(http) is { } file ? SendAsync(http, file) : next(http);

    private ConsoleFile? Find(HttpContext http)
    {
        var request = http.Request;
        var isPage = request.Path == "/";
        if (!isPage && !request.Path.StartsWithSegments(Root, StringComparison.Ordinal)) return null;
        if (!settings.Current.Options.Console || (urls.IsSet && !urls.Has(http.Connection.LocalPort))) return null;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return null;
        if (!isPage) return files.Value.GetValueOrDefault(request.Path.Value![Root.Length..].TrimStart('/'));
        return request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) ? files.Value["index.html"] : null;
    }

    private static async Task SendAsync(HttpContext http, ConsoleFile file)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-cache"; // kept, and asked for again by its tag: after an upgrade nobody has half of the old page
        headers.ETag = file.Tag;
        headers.Vary = "Accept";
        if (http.Request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = file.Type;
        http.Response.ContentLength = file.Bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(file.Bytes, http.RequestAborted);
    }
}
