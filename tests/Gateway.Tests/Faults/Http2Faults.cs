using Gateway.TestKit.Sockets;
using static Gateway.Tests.Faults.Wire;

namespace Gateway.Tests.Faults;

/// <summary>What upstreams do in HTTP/2, frame by frame.</summary>
internal static class Http2Faults
{
    private const string Settings = "\0\0\0\u0004\0\0\0\0\0";
    private const int DataFrame = 0;
    private const int HeadersFrame = 1;
    private const int ResetFrame = 3;
    private const int GoAwayFrame = 7;
    private static readonly string EventStreamHead = "\u0088\u000f\u0010" + (char)17 + "text/event-stream"; // :status 200, content-type
    private static readonly string JsonHead = "\u0088\u000f\u0010" + (char)16 + "application/json";

    public static IEnumerable<Fault> All => Rows.Select(row => row with { Name = row.Name + " (HTTP/2)", Upstream = new { Http = "2" } });

    private static IEnumerable<Fault> Rows =>
    [
        new("answers", Frames(stream => Frame(HeadersFrame, 4, stream, JsonHead) + Frame(DataFrame, 1, stream, Answer)), "200 whole", 1, ""),
        new("streams", Frames(stream => Frame(HeadersFrame, 4, stream, EventStreamHead) + Frame(DataFrame, 1, stream, Chunk + Last + Done)), "200 data ×2, [DONE]", 1, "") { Stream = true },
        new("sends RST_STREAM before the head", Frames(stream => Frame(ResetFrame, 0, stream, "\0\0\0\u0002")), "502 upstream_error", 2, "reset, reset"),
        new("sends RST_STREAM REFUSED_STREAM", Frames(stream => Frame(ResetFrame, 0, stream, "\0\0\0\u0007"), once: true), "502 upstream_error", 2, "reset, reset"),
        new("sends RST_STREAM within the body", Frames(stream => Frame(HeadersFrame, 4, stream, JsonHead) + Frame(DataFrame, 0, stream, "{\"a\":") + Frame(ResetFrame, 0, stream, "\0\0\0\u0002")), "502 upstream_error", 2, "cut, cut"),
        new("sends RST_STREAM in mid-stream", Frames(stream => Frame(HeadersFrame, 4, stream, EventStreamHead) + Frame(DataFrame, 0, stream, Chunk), once: true), "200 data, error stream_broken", 1, "reset") { Stream = true, Later = connection => connection.SendAsync(Frame(ResetFrame, 0, 1, "\0\0\0\u0002")) },
        new("sends GOAWAY before the head and closes", Frames(_ => Frame(GoAwayFrame, 0, 0, "\0\0\0\0\0\0\0\0"), once: true), "502 upstream_error", 2, "reset, reset"),
        new("sends GOAWAY in mid-stream and closes", Frames(stream => Frame(HeadersFrame, 4, stream, EventStreamHead) + Frame(DataFrame, 0, stream, Chunk), once: true), "200 data, error stream_broken", 1, "reset") { Stream = true, Later = connection => connection.SendAsync(Frame(GoAwayFrame, 0, 0, "\0\0\0\u0001\0\0\0\u0002")) },
        new("sends GOAWAY and finishes the stream", Frames(stream => Frame(GoAwayFrame, 0, 0, "\0\0\0" + (char)stream + "\0\0\0\0") + Frame(HeadersFrame, 4, stream, EventStreamHead) + Frame(DataFrame, 1, stream, Chunk + Last + Done)), "200 data ×2, [DONE]", 1, "") { Stream = true },
    ];

    public static string Frame(int type, int flags, int stream, string payload) => $"{(char)(payload.Length >> 16)}{(char)((payload.Length >> 8) & 255)}{(char)(payload.Length & 255)}{(char)type}{(char)flags}\0\0\0{(char)stream}{payload}";

    // A request is known by the end of its body, which no compression hides.
    private static Func<RawConnection, Task> Frames(Func<int, string> answer, bool once = false) => async connection =>
    {
        await connection.SendAsync(Settings);
        for (var stream = 1; ; stream += 2)
        {
            await connection.ReadUntilAsync("\"messages\":[");
            await connection.SendAsync(answer(stream));

            if (once) return;
        }
    };
}
