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

    /// <summary>Runs for a time and returns how many answers came, and how long each took in milliseconds.</summary>
    /// <param name="connections">At once.</param>
    /// <param name="time">How long.</param>
    /// <param name="perSecond">Begins over all connections, or 0 for as many as there can be.</param>
    public async Task<(int Answers, double[] Milliseconds, TimeSpan Elapsed)> RunAsync(int connections, TimeSpan time, double perSecond = 0)
    {
        var clock = Stopwatch.StartNew();
        using var pacer = perSecond > 0 ? new Pacer(clock) : null;
        var took = await Task.WhenAll(Enumerable.Range(0, connections).Select(index => Task.Run(() => RunAsync(clock, pacer, time, perSecond <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(connections / perSecond), index, connections))));
        var elapsed = clock.Elapsed;
        double[] all = [.. took.SelectMany(static times => times)];
        Array.Sort(all);
        return (all.Length, all, elapsed);
    }

    // The time to the first byte of an answer's body is what a caller waits for; a whole plain answer comes with it.
    private async Task<List<double>> RunAsync(Stopwatch clock, Pacer? pacer, TimeSpan time, TimeSpan interval, int index, int connections)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var buffer = new byte[64 << 10];
        var times = new List<double>(1 << 14);
        var next = clock.Elapsed + (interval * index / connections);
        for (var turn = index; clock.Elapsed < time; turn += connections)
        {
            if (pacer is not null)
            {
                await pacer.UntilAsync(next);
                next += interval;
            }

            var began = Stopwatch.GetTimestamp();
            await socket.SendAsync(requests[turn % requests.Length]);
            var first = -1.0;
            for (var length = 0; ;)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length));
                if (read == 0) throw new IOException("The server closed the connection.");
                length += read;
                if (first < 0 && buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var head && length > head + 4) first = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                if (IsWhole(buffer.AsSpan(0, length))) break;
            }

            times.Add(first);
        }

        return times;
    }

    private static bool IsWhole(ReadOnlySpan<byte> text)
    {
        var head = text.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        if (!text.StartsWith("HTTP/1.1 200"u8)) throw new IOException(Encoding.ASCII.GetString(text));
        var length = text[..head].IndexOf("ontent-Length: "u8) is >= 0 and var upper ? upper - 1 : text[..head].IndexOf("content-length: "u8);
        if (length < 0) return text.EndsWith("0\r\n\r\n"u8); // chunked
        var digits = text[(length + 16)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out int count, out _) && text.Length >= head + 4 + count;
    }

    private static byte[] Request(int port, string path, string body, string[] headers) =>
        Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{string.Concat(headers.Select(static header => header + "\r\n"))}\r\n{body}");
}
