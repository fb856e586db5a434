using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Load.Door;

/// <summary>Sends one request over and over on a number of connections, each waiting for its answer, with as little work as possible of its own.</summary>
internal sealed class RawLoad(int port, string path, string body, params string[] headers)
{
    private byte[][] requests = [Request(port, path, body, headers)];

    /// <summary>One header more, which takes turns.</summary>
    public RawLoad InTurn(string[] values)
    {
        if (values.Length > 0) requests = [.. values.Select(value => Request(port, path, body, [.. headers, value]))];
        return this;
    }

    /// <summary>Runs for a time, and returns how many answers came.</summary>
    /// <param name="connections">At once.</param>
    /// <param name="time">How long.</param>
    public async Task<int> RunAsync(int connections, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        return (await Task.WhenAll(Enumerable.Range(0, connections).Select(index => Task.Run(() => RunAsync(clock, time, index, connections))))).Sum();
    }

    private async Task<int> RunAsync(Stopwatch clock, TimeSpan time, int index, int connections)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var buffer = new byte[64 << 10];
        var answers = 0;
        for (var turn = index; clock.Elapsed < time; turn += connections)
        {
            await socket.SendAsync(requests[turn % requests.Length]);
            for (var length = 0; !IsWhole(buffer.AsSpan(0, length));)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length));
                if (read == 0) throw new IOException("The server closed the connection.");
                length += read;
            }

            answers++;
        }

        return answers;
    }

    /// <summary>Whether a request, or an answer, is there with all of its body.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> text)
    {
        var head = text.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        if (text.StartsWith("HTTP/"u8) && !text.StartsWith("HTTP/1.1 200"u8)) throw new IOException(Encoding.ASCII.GetString(text));
        var length = text[..head].IndexOf("ontent-Length: "u8) is >= 0 and var upper ? upper - 1 : text[..head].IndexOf("content-length: "u8);
        if (length < 0) return text.EndsWith("0\r\n\r\n"u8); // chunked
        var digits = text[(length + 16)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out int count, out _) && text.Length >= head + 4 + count;
    }

    internal static byte[] Request(int port, string path, string body, params string[] headers) =>
        Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{string.Concat(headers.Select(static header => header + "\r\n"))}\r\n{body}");
}
