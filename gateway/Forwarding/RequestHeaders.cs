using System.Collections.Frozen;

namespace Gateway.Forwarding;

/// <summary>Which of a client's headers go upstream: none that proves who it is, none of one hop, none that only an SDK's server needs.</summary>
internal static class RequestHeaders
{
    /// <summary>Of one hop, or a proof of who somebody is: these pass in neither direction.</summary>
    public static readonly IReadOnlyList<string> NeitherWay =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Authorization", "Proxy-Authorization", "Proxy-Authenticate", "Cookie", "Cookie2", "api-key", "x-api-key",
    ];

    private static readonly FrozenSet<string> Kept = new[]
    {
        "x-goog-api-key", "X-Auth-Token", "X-Access-Token", "X-Amz-Security-Token", "Ocp-Apim-Subscription-Key", "OpenAI-Organization", "OpenAI-Project", "Host", "Content-Length", "Expect",
        "Accept-Encoding", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Origin", "Referer",
        "x-request-id", "X-Request-Timeout", "x-gateway-usage", "traceparent", "tracestate", "baggage", "HTTP2-Settings",
    }.Concat(NeitherWay).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Copies those that go on, the body's own to it.</summary>
    public static void Copy(IHeaderDictionary from, HttpRequestMessage to, HttpContent body)
    {
        var connection = from.Connection;
        foreach (var (name, value) in from)
        {
            if (!Passes(name) || (connection.Count > 0 && IsOfOneHop(name, connection))) continue;
            if (value.Count == 1) _ = to.Headers.TryAddWithoutValidation(name, value.ToString()) || body.Headers.TryAddWithoutValidation(name, value.ToString());
            else _ = to.Headers.TryAddWithoutValidation(name, value.AsEnumerable()) || body.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
        }
    }

    /// <summary>Whether <c>Connection</c> says that a header ends here.</summary>
    public static bool IsOfOneHop(string name, Microsoft.Extensions.Primitives.StringValues connection)
    {
        foreach (var value in connection)
            foreach (var part in value.AsSpan().Split(','))
                if (value.AsSpan(part).Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Whether a header of the client's is passed on.</summary>
    public static bool Passes(string name) => !Kept.Contains(name) && !name.StartsWith(':') && !name.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);
}
