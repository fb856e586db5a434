using System.Collections.Frozen;
using Gateway.Calls;
using Gateway.Policies;

namespace Gateway.Forwarding;

/// <summary>Which of an upstream's headers the client sees, and those that the gateway adds.</summary>
internal static class AnswerHeaders
{
    private static readonly FrozenSet<string> Kept = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Content-Encoding",
        "Set-Cookie", "WWW-Authenticate", "Server", "Date", "Alt-Svc", "Strict-Transport-Security", "x-request-id", "openai-processing-ms", "openai-version",
        "openai-organization", "openai-project", "x-gateway-upstream", "x-gateway-attempts", "x-gateway-model", "x-should-retry", "Authentication-Info", "Vary",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Copies an answer's head.</summary>
    public static void Copy(HttpResponseMessage from, HttpResponse to)
    {
        to.StatusCode = (int)from.StatusCode;
        Copy(from.Headers.NonValidated, from.Headers.Connection, to.Headers);
        Copy(from.Content.Headers.NonValidated, from.Headers.Connection, to.Headers);
    }

    /// <summary>Who answered, after how many attempts, as which model.</summary>
    public static void Mark(Call call, string? upstream)
    {
        var headers = call.Http.Response.Headers;
        headers["x-gateway-model"] = Ascii(call.AnsweringName);
        headers["x-gateway-attempts"] = call.Begun switch { 0 => "0", 1 => "1", 2 => "2", 3 => "3", var many => many.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (upstream is not null) headers["x-gateway-upstream"] = upstream;
    }

    // A header has no other characters; a name may.
    private static string Ascii(string name) => name.All(static c => c is > ' ' and <= '~') ? name : Uri.EscapeDataString(name);

    private static void Copy(System.Net.Http.Headers.HttpHeadersNonValidated from, System.Net.Http.Headers.HttpHeaderValueCollection<string> connection, IHeaderDictionary to)
    {
        var own = to.ContainsKey(LimitHeaders.Prefix + "limit-requests"); // the caller's bounds here, and not ours there
        foreach (var header in from)
        {
            if (own && header.Key.StartsWith(LimitHeaders.Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            if (Kept.Contains(header.Key) || header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)) continue;
            if (connection.Count > 0 && connection.Contains(header.Key, StringComparer.OrdinalIgnoreCase)) continue;
            to[header.Key] = header.Value.Count == 1 ? header.Value.ToString() : new Microsoft.Extensions.Primitives.StringValues([.. header.Value]);
        }
    }
}
