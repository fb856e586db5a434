using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Calls;

/// <summary>
/// How large and how many a request's headers may be. In HTTP/2 the web server refuses them with a bare 431, whose frames nobody can complete, so it is
/// told twice these bounds and what lies between is refused here, with an error object.
/// </summary>
internal static class HeaderLimits
{
    /// <summary>Most bytes of all names and values, as HTTP/2 counts them.</summary>
    public const int MostBytes = 32 << 10;

    /// <summary>Most lines.</summary>
    public const int MostLines = 100;

    private const int Overhead = 32; // a line, in HTTP/2's count

    /// <summary>Tells the web server.</summary>
    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxRequestHeadersTotalSize = 2 * MostBytes;
        limits.MaxRequestHeaderCount = 2 * MostLines;
        limits.Http2.MaxRequestHeaderFieldSize = 2 * MostBytes;
    }

    /// <summary>Whether a request that the web server took is beyond them.</summary>
    public static bool Exceeded(IHeaderDictionary headers)
    {
        var (bytes, lines) = (0, 0);
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                bytes += name.Length + (value?.Length ?? 0) + Overhead;
                lines++;
            }
        }

        return bytes > MostBytes || lines > MostLines;
    }
}
