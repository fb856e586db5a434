using System.Buffers;
using System.Collections.Frozen;
using Gateway.Calls;
using Gateway.Policies;
using Gateway.Routing;
using Microsoft.Extensions.Primitives;

namespace Gateway.Forwarding;

/// <summary>Which of an upstream's headers the client sees, and those that the gateway adds.</summary>
internal static class AnswerHeaders
{
    private static readonly FrozenSet<string> Kept = new[]
    {
        "Content-Length", "Content-Encoding", "Set-Cookie", "Set-Cookie2", "WWW-Authenticate", "Proxy-Authentication-Info", "Server", "Date", "Alt-Svc", "Strict-Transport-Security", "x-request-id", "openai-processing-ms", "openai-version",
        "openai-organization", "openai-project", "x-gateway-upstream", "x-gateway-attempts", "x-gateway-model", "x-should-retry", "Authentication-Info", "Vary",
    }.Concat(RequestHeaders.NeitherWay).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Nothing of an answer's head; a tab may be there.
    private static readonly SearchValues<char> Control = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static c => (char)c).Where(static c => c != '\t'), '\x7f']);

    /// <summary>Copies an answer's head, without what would tell a secret of its upstream.</summary>
    public static void Copy(HttpResponseMessage from, HttpResponse to, Secrets secrets)
    {
        to.StatusCode = (int)from.StatusCode;
        Copy(from.Headers.NonValidated, from.Headers.Connection, to.Headers, secrets);
        Copy(from.Content.Headers.NonValidated, from.Headers.Connection, to.Headers, secrets);
    }

    /// <summary>Who answered, after how many attempts, as which model.</summary>
    public static void Mark(Call call, string? upstream)
    {
        var headers = call.Http.Response.Headers;
        headers["x-gateway-model"] = Ascii(call.AnsweringName);
        headers["x-gateway-attempts"] = call.Begun switch { 0 => "0", 1 => "1", 2 => "2", 3 => "3", var many => many.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (upstream is not null) headers["x-gateway-upstream"] = upstream;
    }

    private static bool Passes(StringValues values, Secrets secrets)
    {
        foreach (var value in values)
            if (value.AsSpan().ContainsAny(Control) || secrets.AreIn(value)) return false;
        return true;
    }

    // A header has no other characters; a name may.
    private static string Ascii(string name) => name.All(static c => c is > ' ' and <= '~') ? name : Uri.EscapeDataString(name);

    private static void Copy(System.Net.Http.Headers.HttpHeadersNonValidated from, System.Net.Http.Headers.HttpHeaderValueCollection<string> connection, IHeaderDictionary to, Secrets secrets)
    {
        var own = to.ContainsKey(LimitHeaders.Prefix + "limit-requests"); // the caller's bounds here, and not ours there
        foreach (var header in from)
        {
            if (own && header.Key.StartsWith(LimitHeaders.Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            if (Kept.Contains(header.Key) || header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)) continue;
            if (connection.Count > 0 && connection.Contains(header.Key, StringComparer.OrdinalIgnoreCase)) continue;
            StringValues value = header.Value.Count == 1 ? header.Value.ToString() : header.Value.ToArray();
            if (Passes(value, secrets)) to[header.Key] = value;
        }
    }
}
