using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.TestKit.Sockets;

/// <summary>
/// A server on loopback that speaks in bytes: each connection's script reads requests and sends what it likes, broken framing, silence and
/// resets included. What a web server would mend on the way passes as it is.
/// </summary>
public sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<RawConnection, Task> script;
    private readonly ConcurrentBag<RawConnection> connections = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private int accepted;

    /// <param name="script">Runs for each connection; the connection closes when it ends.</param>
    public RawUpstream(Func<RawConnection, Task> script)
    {
        this.script = script;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        accepting = AcceptAsync();
    }

    /// <summary>Its address, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Requests read by scripts so far.</summary>
    public int Requests => connections.Sum(connection => connection.Requests);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        foreach (var connection in connections) connection.Dispose();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                var connection = new RawConnection(socket, Interlocked.Increment(ref accepted));
                connections.Add(connection);
                _ = RunAsync(connection);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // It was disposed.
        }
    }

    private async Task RunAsync(RawConnection connection)
    {
        try
        {
            await script(connection);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side left.
        }
        finally
        {
            connection.Dispose();
        }
    }
}

/// <summary>One connection of a <see cref="RawUpstream"/>, or of a client that speaks in bytes.</summary>
/// <param name="socket">Connected.</param>
/// <param name="number">From 1.</param>
public sealed class RawConnection(Socket socket, int number) : IDisposable
{
    private readonly byte[] buffer = new byte[64 << 10];
    private int start;
    private int end;

    /// <summary>Which connection this is.</summary>
    public int Number { get; } = number;

    /// <summary>Requests read.</summary>
    public int Requests { get; private set; }

    /// <summary>Connects as a client.</summary>
    public static async Task<RawConnection> ConnectAsync(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        return new RawConnection(socket, 0);
    }

    /// <summary>Sends text as Latin-1.</summary>
    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    /// <summary>A request with its body, by Content-Length or in chunks.</summary>
    /// <exception cref="EndOfStreamException">The other side closed.</exception>
    public async Task<string> ReadRequestAsync()
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        var length = Header(head, "Content-Length");
        var body = length is not null ? await ReadExactlyAsync(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)) : Header(head, "Transfer-Encoding") is not null ? await ReadChunksAsync() : "";
        Requests++;
        return head + body;
    }

    /// <summary>The body that a head says the length of; its bytes are counted and dropped.</summary>
    /// <exception cref="EndOfStreamException">The other side closed.</exception>
    public async Task<int> ReadBodyAsync(string head)
    {
        var length = int.Parse(Header(head, "Content-Length")!, System.Globalization.CultureInfo.InvariantCulture);
        for (var read = 0; read < length; read++) await ReadByteAsync();
        Requests++;
        return length;
    }

    /// <summary>Everything up to a mark, the mark included.</summary>
    /// <exception cref="EndOfStreamException">The other side closed.</exception>
    public async Task<string> ReadUntilAsync(string mark)
    {
        var text = new StringBuilder();
        while (true)
        {
            text.Append((char)await ReadByteAsync());
            if (text.Length >= mark.Length && text.ToString(text.Length - mark.Length, mark.Length) == mark) return text.ToString();
        }
    }

    /// <summary>Everything until the other side closes or resets.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        try
        {
            while (true) text.Append((char)await ReadByteAsync());
        }
        catch (Exception e) when (e is EndOfStreamException or SocketException)
        {
            return text.ToString();
        }
    }

    /// <summary>Completes when the other side closes or resets; reads and drops what it sends until then.</summary>
    public async Task LeftAsync() => await ReadToEndAsync();

    /// <summary>Says that nothing more will be sent, and goes on reading.</summary>
    public void HalfClose() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        socket.Dispose();
    }

    private static string? Header(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private async Task<string> ReadExactlyAsync(int count)
    {
        var text = new StringBuilder(count);
        while (text.Length < count) text.Append((char)await ReadByteAsync());
        return text.ToString();
    }

    private async Task<string> ReadChunksAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var size = int.Parse((await ReadUntilAsync("\r\n")).Split(';')[0].Trim(), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            text.Append(await ReadExactlyAsync(size));
            await ReadUntilAsync("\r\n");
            if (size == 0) return text.ToString();
        }
    }

    private async ValueTask<byte> ReadByteAsync()
    {
        if (start == end)
        {
            // A script that waits for what never comes fails instead of hanging.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            (start, end) = (0, await socket.ReceiveAsync(buffer, patience.Token));
            if (end == 0) throw new EndOfStreamException();
        }

        return buffer[start++];
    }
}
