using System.IO.Compression;
using System.Text;
using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>What peers send, as text in which a character is a byte.</summary>
internal static class Wire
{
    public const string Answer = """{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";
    public const string Chunk = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    public const string Last = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    public const string Done = "data: [DONE]\n\n";
    public const string ErrorEvent = "data: {\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\",\"param\":null,\"code\":\"oom\"}}\n\n";
    public const string Key = "sk-of-the-upstream";

    /// <summary>The head of a stream that ends with its connection.</summary>
    public const string StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    /// <summary>The head of a stream in chunks.</summary>
    public const string ChunkedStreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// <summary>The head of a plain answer in chunks.</summary>
    public const string ChunkedHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// <summary>A plain answer.</summary>
    public static string Plain(string body, string status = "200 OK", string headers = "", string type = "application/json") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}";

    /// <summary>One piece of a body in chunks.</summary>
    public static string Piece(string text) => $"{text.Length:x}\r\n{text}\r\n";

    /// <summary>An error as providers say it.</summary>
    public static string Error(string message, string code) => $$$"""{"error":{"message":"{{{message}}}","type":"some_error","param":null,"code":"{{{code}}}"}}""";

    public static string Gzip(string text)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest)) gzip.Write(Encoding.Latin1.GetBytes(text));
        return Encoding.Latin1.GetString(to.ToArray());
    }

    /// <summary>Answers each request with these bytes; keeps the connection.</summary>
    public static Func<RawConnection, Task> Says(string bytes) => async connection =>
    {
        while (true)
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(bytes);
        }
    };

    /// <summary>Answers with these bytes and closes.</summary>
    public static Func<RawConnection, Task> Closes(string bytes) => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(bytes);
        connection.Dispose();
    };

    /// <summary>Answers with these bytes; what comes later is said elsewhere.</summary>
    public static Func<RawConnection, Task> Begins(string bytes) => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(bytes);
    };

    /// <summary>Resets at once.</summary>
    public static Task Reset(RawConnection connection)
    {
        connection.Reset();
        return Task.CompletedTask;
    }

    /// <summary>Answers with these bytes and then nothing, for as long as the other side waits.</summary>
    public static Func<RawConnection, Task> Stalls(string bytes = "") => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(bytes);
        await connection.LeftAsync();
    };

    /// <summary>Answers with these bytes and a reset.</summary>
    public static Func<RawConnection, Task> Resets(string bytes = "") => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(bytes);
        connection.Reset();
    };

    /// <summary>Sends a byte at a time.</summary>
    public static Func<RawConnection, Task> Drips(string bytes, TimeSpan pause) => async connection =>
    {
        await connection.ReadRequestAsync();
        using var timer = new PeriodicTimer(pause);
        foreach (var one in bytes)
        {
            await timer.WaitForNextTickAsync();
            await connection.SendAsync(one.ToString());
        }
    };
}
