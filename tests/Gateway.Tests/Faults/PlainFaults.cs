using Gateway.TestKit.Sockets;
using static Gateway.Tests.Faults.Wire;

namespace Gateway.Tests.Faults;

/// <summary>What upstreams do to plain calls.</summary>
internal static class PlainFaults
{
    private const string Broke = "502 upstream_error";
    private const string Late = "504 upstream_timeout";
    private static readonly object Impatient = new { Timeouts = new { FirstToken = "00:00:00.2", Idle = "00:00:00.2" } };
    private static readonly TimeSpan DripPause = TimeSpan.FromMilliseconds(4);

    public static IEnumerable<Fault> All =>
    [
        new("refuses the connection", Says(""), Broke, 2, "connect_failed, connect_failed") { Address = "http://127.0.0.1:1/v1" },
        new("resets before the head", Resets(), Broke, 2, "reset, reset"),
        new("closes before the head", Closes(""), Broke, 2, "reset, reset"),
        new("closes within the head", Closes("HTTP/1.1 200 OK\r\nContent-Ty"), Broke, 2, "reset, reset"),
        new("resets after the head", Resets("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"), Broke, 2, "cut, cut"),
        new("resets within the body", Resets("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"a\":"), Broke, 2, "cut, cut"),
        new("closes within the body", Closes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"a\":"), Broke, 2, "cut, cut"),
        new("stalls before the head", Stalls(), Late, 2, "first_token_timeout, first_token_timeout") { Settings = Impatient },
        new("stalls within the head", Stalls("HTTP/1.1 200 OK\r\nConte"), Late, 2, "first_token_timeout, first_token_timeout") { Settings = Impatient },
        new("stalls after the head", Stalls("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"), Late, 2, "idle_timeout, idle_timeout") { Settings = Impatient },
        new("stalls within the body", Stalls(ChunkedHead + Piece("{\"a\":")), Late, 2, "idle_timeout, idle_timeout") { Settings = Impatient },
        new("sends a status of failure and stalls within its text", Stalls("HTTP/1.1 500 Oh\r\nContent-Length: 99\r\n\r\n{"), Late, 2, "idle_timeout, idle_timeout") { Settings = new { Timeouts = new { Idle = "00:00:00.2" } } },
        new("drips a byte at a time, for longer than a pause may be", Drips(Plain(Answer), DripPause), "200 whole", 1, "") { Settings = new { Timeouts = new { Idle = "00:00:00.6" } } },
        new("says two lengths", Says(Plain(Answer, headers: $"Content-Length: {Answer.Length - 9}\r\n")), Broke, 2, "bad_framing, bad_framing"),
        new("says two lengths in one line", Says(Plain(Answer).Replace("\r\n\r\n", $", {Answer.Length + 9}\r\n\r\n")), Broke, 2, "bad_framing, bad_framing"),
        new("says its length twice", Says(Plain(Answer, headers: $"Content-Length: {Answer.Length}\r\n")), "200 whole", 1, ""),
        new("sends garbage", Closes("\0\u00ff\u00fe!! this is no HTTP\r\n\r\n"), Broke, 2, "reset, reset"),
        new("sends half of a JSON object", Says(Plain(Answer[..60])), Broke, 2, "not_json, not_json"),
        new("sends JSON and something after it", Says(Plain(Answer + "}")), Broke, 2, "not_json, not_json"),
        new("sends HTML with 200", Says(Plain("<html>It works</html>", type: "text/html")), Broke, 2, "not_json, not_json"),
        new("sends a stream that nobody asked for", Says(Plain(Chunk + Last + Done, type: "text/event-stream")), Broke, 2, "not_json, not_json"),
        new("sends an empty 200", Says(Plain("")), Broke, 2, "empty, empty"),
        new("sends 204", Says("HTTP/1.1 204 No Content\r\n\r\n"), Broke, 2, "empty, empty"),
        new("cuts a chunk", Closes(ChunkedHead + "ff\r\n{\"a\""), Broke, 2, "cut, cut"),
        new("leaves out the last chunk", Closes(ChunkedHead + Piece(Answer)), Broke, 2, "cut, cut"),
        new("breaks the framing of chunks", Closes(ChunkedHead + "zz\r\n{}\r\n"), Broke, 2, "cut, cut"),
        new("sends a body without end", Endless, Broke, 1, "too_large"),
        new("says that it sends more than is taken", Stalls("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n"), Broke, 1, "too_large"),
        new("sends an error with 200", Says(Plain(Error("overloaded", "busy"))), Broke, 2, "error_event, error_event"),
        new("sends an error beside its answer", Says(Plain(Answer[..^1] + ",\"error\":\"late\"}")), "200 other", 1, ""),
        new("names itself in a header in another alphabet", Says(Plain(Answer, headers: "x-served-by: caf\u00e9 \u00c3\u00a9\r\n")), "200 whole", 1, ""),
        new("sends control characters in a header", Says(Plain(Answer, headers: "x-served-by: a\u0001b\u007f\r\n")), "200 whole", 1, ""),
        new("sends gzip that nobody asked for", Says(Plain(Gzip(Answer), headers: "Content-Encoding: gzip\r\n")), "200 whole", 1, ""),
        new("sends gzip that is none", Says(Plain(Answer, headers: "Content-Encoding: gzip\r\n")), Broke, 2, "cut, cut"),
        new("sends gzip that is cut", Says(Plain(Gzip(Answer)[..40], headers: "Content-Encoding: gzip\r\n")), Broke, 2, "not_json, not_json"),
        new("sends 100 and 103 before its answer", Says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Plain(Answer)), "200 whole", 1, ""),
        new("sends 101, which nobody asked for", Closes("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), Broke, 2, "http_101, http_101"),
        new("redirects", Says("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), Broke, 2, "http_307, http_307"),
        new("sends 30 kB of headers", Says(Plain(Answer, headers: string.Concat(Enumerable.Range(0, 30).Select(i => $"x-{i}: {new string('x', 1_000)}\r\n")))), "200 whole", 1, ""),
        new("sends 100 kB of headers", Closes(Plain(Answer, headers: $"x-large: {new string('x', 100_000)}\r\n")), Broke, 2, "reset, reset"),
        new("answers in HTTP/1.0", Closes("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + Answer), "200 whole", 1, ""),
        new("answers more than its length says", Says(Plain(Answer) + "more"), "200 whole", 1, ""),
        new("does not know the model", Says(Plain(Error("no such model", "model_not_found"), "404 Not Found")), "404 model_not_found", 1, "http_404"),
        new("does not accept the gateway's key", Says(Plain(Error("bad key", "invalid_api_key"), "401 Unauthorized", "WWW-Authenticate: Bearer\r\n")), "502 upstream_auth", 1, "http_401"),
        new("forbids it", Says(Plain(Error("no", "forbidden"), "403 Forbidden")), "502 upstream_auth", 1, "http_403"),
        new("fails with HTML", Says(Plain("<html>Bad gateway</html>", "502 Bad Gateway", type: "text/html")), Broke, 2, "http_502, http_502"),
        new("fails without a word", Says(Plain("", "500 Oh")), Broke, 2, "http_500, http_500"),
        new("fails and cuts what it says", Closes("HTTP/1.1 500 Oh\r\nContent-Length: 99\r\n\r\n{\"err"), Broke, 2, "http_500, http_500"),
        new("has a name that nobody knows", Says(""), Broke, 2, "connect_failed, connect_failed") { Address = "http://no-such-host.invalid/v1" },
    ];

    private static async Task Endless(RawConnection connection)
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(ChunkedHead + Piece("[1"));
        while (true) await connection.SendAsync(Piece(string.Concat(Enumerable.Repeat(",12345678", 1_000))));
    }
}
