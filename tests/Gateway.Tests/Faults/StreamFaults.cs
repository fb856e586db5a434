using static Gateway.Tests.Faults.Wire;

namespace Gateway.Tests.Faults;

/// <summary>What upstreams do to streams.</summary>
internal static class StreamFaults
{
    private const string Broke = "502 upstream_error";
    private const string Late = "504 upstream_timeout";
    private static readonly object Impatient = new { Timeouts = new { FirstToken = "00:00:00.2" } };
    private static readonly object Restless = new { Timeouts = new { Idle = "00:00:00.2" } };

    public static IEnumerable<Fault> All => Rows.Select(row => row with { Stream = true });

    private static IEnumerable<Fault> Rows =>
    [
        new("refuses the connection", Says(""), Broke, 2, "connect_failed, connect_failed") { Address = "http://127.0.0.1:1/v1" },
        new("resets before the head", Resets(), Broke, 2, "reset, reset"),
        new("resets after the head", Resets(StreamHead), Broke, 2, "reset, reset"),
        new("stalls before the head", Stalls(), Late, 2, "first_token_timeout, first_token_timeout") { Settings = Impatient },
        new("stalls after the head", Stalls(StreamHead), Late, 2, "first_token_timeout, first_token_timeout") { Settings = Impatient },
        new("stalls after a comment", Stalls(StreamHead + ": hi\n\n"), Late, 2, "first_token_timeout, first_token_timeout") { Settings = Impatient },
        new("stalls within its first event", Stalls(StreamHead + Chunk[..20]), Late, 2, "first_token_timeout, first_token_timeout") { Settings = Impatient },
        new("ends without an event", Closes(StreamHead), Broke, 2, "empty, empty"),
        new("ends after comments", Closes(StreamHead + ": hi\n\n: there\n\n"), Broke, 2, "empty, empty"),
        new("says [DONE] at once", Closes(StreamHead + Done), Broke, 2, "empty, empty"),
        new("ends within its first event", Closes(StreamHead + Chunk[..40]), Broke, 2, "cut, cut"),
        new("sends HTML with 200", Says(Plain("<html>It works</html>", type: "text/html")), Broke, 2, "not_sse, not_sse"),
        new("answers plainly", Says(Plain(Answer)), Broke, 2, "not_sse, not_sse"),
        new("sends text that is no event", Closes(StreamHead + "hello\n\n"), Broke, 2, "not_sse, not_sse"),
        new("sends an event that is no JSON", Closes(StreamHead + "data: hello\n\n" + Chunk), Broke, 2, "not_sse, not_sse"),
        new("sends half of an object as its first event", Closes(StreamHead + "data: {\"id\":\"c\",\"choices\":[}\n\n"), Broke, 2, "not_sse, not_sse"),
        new("sends an error as its first event", Closes(StreamHead + ErrorEvent), Broke, 2, "error_event, error_event"),
        new("sends an event that is called an error first", Closes(StreamHead + "event: error\ndata: {\"message\":\"no\"}\n\n"), Broke, 2, "error_event, error_event"),
        new("fails with 500", Says(Plain("{}", "500 Oh")), Broke, 2, "http_500, http_500"),
        new("resets in mid-stream", Begins(StreamHead + Chunk), "200 data, error stream_broken", 1, "reset") { Later = Reset },
        new("resets within an event", Begins(StreamHead + Chunk + Chunk + Chunk[..30]), "200 data ×2, error stream_broken", 1, "reset") { Later = Reset },
        new("ends without a finish_reason", Closes(StreamHead + Chunk + Chunk), "200 data ×2, error stream_broken", 1, "cut"),
        new("ends within an event", Closes(StreamHead + Chunk + Last[..30]), "200 data, error stream_broken", 1, "cut"),
        new("says [DONE] without a finish_reason", Closes(StreamHead + Chunk + Done), "200 data, [DONE]", 1, ""),
        new("stalls in mid-stream", Stalls(StreamHead + Chunk), "200 data, error upstream_timeout", 1, "idle_timeout") { Settings = Restless },
        new("stalls within an event", Stalls(StreamHead + Chunk + Chunk[..30]), "200 data, error upstream_timeout", 1, "idle_timeout") { Settings = Restless },
        new("sends only comments between events, for longer than a pause may be", Comments(), "200 data, comment ×20, data, [DONE]", 1, "") { Settings = new { Timeouts = new { Idle = "00:00:00.4" } } },
        new("drips a byte at a time, for longer than a pause may be", Drips(StreamHead + Chunk + Last + Done, TimeSpan.FromMilliseconds(3)), "200 data ×2, [DONE]", 1, "") { Settings = new { Timeouts = new { Idle = "00:00:00.4" } } },
        new("ends without [DONE]", Closes(StreamHead + Chunk + Last), "200 data ×2, [DONE]", 1, ""),
        new("resets instead of [DONE]", Begins(StreamHead + Chunk + Last), "200 data ×2, [DONE]", 1, "") { Later = Reset },
        new("stalls instead of [DONE]", Stalls(StreamHead + Chunk + Last), "200 data ×2, [DONE]", 1, "") { Settings = Restless },
        new("ends within [DONE]", Closes(StreamHead + Chunk + Last + Done[..10]), "200 data ×2, [DONE]", 1, ""),
        new("goes on after [DONE]", Closes(StreamHead + Chunk + Last + Done + Chunk + "rubbish"), "200 data ×2, [DONE]", 1, ""),
        new("stays open after [DONE]", Stalls(StreamHead + Chunk + Last + Done), "200 data ×2, [DONE]", 1, ""),
        new("sends an error after the first event", Closes(StreamHead + Chunk + ErrorEvent + Chunk + Done), "200 data, error oom", 1, "error_event"),
        new("sends an error that is no object after the first event", Closes(StreamHead + Chunk + "data: {\"error\":\"oh\"}\n\n" + Done), "200 data, error server_error", 1, "error_event"),
        new("sends an event that is called an error in mid-stream", Closes(StreamHead + Chunk + "event: error\ndata: oh no\n\n" + Done), "200 data, error upstream_error", 1, "error_event"),
        new("sends an event that is no JSON in mid-stream", Closes(StreamHead + Chunk + "data: hello\n\n" + Done), "200 data, error stream_broken", 1, "bad_framing"),
        new("sends a line that is no field in mid-stream", Closes(StreamHead + Chunk + "<html>\n\n" + Done), "200 data, error stream_broken", 1, "bad_framing"),
        new("cuts a chunk", Closes(ChunkedStreamHead + Piece(Chunk) + "ff\r\ndata: {"), "200 data, error stream_broken", 1, "reset"),
        new("leaves out the last chunk", Closes(ChunkedStreamHead + Piece(Chunk)), "200 data, error stream_broken", 1, "reset"),
        new("breaks the framing of chunks", Begins(ChunkedStreamHead + Piece(Chunk)), "200 data, error stream_broken", 1, "reset") { Later = connection => connection.SendAsync("zz\r\n" + Piece(Chunk)) },
        new("sends a line of 200 kB", Closes(StreamHead + Chunk.Replace("\"a\"", $"\"{new string('x', 200_000)}\"") + Last + Done), "200 data ×2, [DONE]", 1, ""),
        new("ends its lines with CR LF", Closes(StreamHead + (Chunk + Last + Done).Replace("\n", "\r\n")), "200 data ×2, [DONE]", 1, ""),
        new("writes the type of its content in capitals", Closes(StreamHead.Replace("text/event-stream", "Text/Event-Stream ; Charset=UTF-8") + Chunk + Last + Done), "200 data ×2, [DONE]", 1, ""),
        new("ends the type of its content with a semicolon", Closes(StreamHead.Replace("stream\r", "stream;\r") + Chunk + Last + Done), "200 data ×2, [DONE]", 1, ""),
        new("says with each event that there is no error", Closes(StreamHead + (Chunk + Last).Replace("\"id\":\"c\"", "\"id\":\"c\",\"error\":\"\"") + Done), "200 data ×2, [DONE]", 1, ""),
        new("names itself in a header in another alphabet", Closes(StreamHead.Replace("\r\n\r\n", "\r\nx-served-by: caf\u00e9\r\n\r\n") + Chunk + Last + Done), "200 data ×2, [DONE]", 1, ""),
        new("begins with a byte order mark", Closes(StreamHead + "\u00ef\u00bb\u00bf" + Chunk + Last + Done), "200 data ×2, [DONE]", 1, ""),
        new("sends a line to each of several events at once and by halves", Halves(), "200 data ×3, [DONE]", 1, ""),
        new("compresses a stream that nobody asked to compress", Closes(StreamHead.Replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n") + Gzip(Chunk + Last + Done)), "200 data ×2, [DONE]", 1, ""),
        new("does not know the option that asks for usage", RefusesUsage(), "200 data ×2, [DONE]", 2, "http_400, ok"),
    ];

    private static Func<TestKit.Sockets.RawConnection, Task> Comments() => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(StreamHead + Chunk);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        for (var i = 0; i < 20; i++)
        {
            await timer.WaitForNextTickAsync();
            await connection.SendAsync(": still here\n\n");
        }

        await connection.SendAsync(Last + Done);
    };

    private static Func<TestKit.Sockets.RawConnection, Task> Halves() => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(StreamHead + Chunk + Chunk[..25]);
        await connection.SendAsync(Chunk[25..^1]);
        await connection.SendAsync("\n" + Last + Done);
    };

    private static Func<TestKit.Sockets.RawConnection, Task> RefusesUsage() => async connection =>
    {
        while ((await connection.ReadRequestAsync()).Contains("stream_options", StringComparison.Ordinal)) await connection.SendAsync(Plain(Error("Unknown field: stream_options", "unknown"), "400 Bad Request"));
        await connection.SendAsync(StreamHead + Chunk + Last + Done);
    };
}
