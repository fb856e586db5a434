using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Calls;

/// <summary>
/// A name in a path, decoded once. The web server decodes a path but for its slashes (<c>%2F</c>), so what it gives does not tell whether one was there or the
/// text <c>%252F</c>: only the request's own line does.
/// </summary>
internal static class PathName
{
    /// <param name="http">The request.</param>
    /// <param name="value">The name as the web server gives it.</param>
    /// <param name="after">How many segments of the path follow it.</param>
    public static string Of(HttpContext http, string value, int after = 0)
    {
        if (!value.Contains('%')) return value;
        var path = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (path.IndexOf('?') is >= 0 and var query) path = path[..query];
        for (; after > 0 && path.LastIndexOf('/') is >= 0 and var last; after--) path = path[..last];
        var begin = path.Length;
        for (var segments = value.AsSpan().Count('/') + 1; segments > 0 && begin > 0; segments--) begin = path[..(begin - 1)].LastIndexOf('/') + 1;
        return Uri.UnescapeDataString(path[begin..]);
    }
}
