using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Load.Door;

/// <summary>
/// Callers and the upstream of streams, all on one thread that never sleeps: neither waits for the other to be woken, so that what a caller
/// waits for is the server between them. Calls begin when they are due and not when an earlier one has ended, and their wait counts from then. Linux.
/// </summary>
internal sealed partial class StreamLoop : IDisposable
{
    private const int Callers = 64;
    private const short Readable = 1; // POLLIN

    private static readonly long Held = Stopwatch.Frequency / 4_000; // a quarter of a millisecond
    private static readonly byte[] Chunk = Framed(Servers.Chunk);
    private static readonly byte[] Last = [.. Framed(Servers.End), .. "0\r\n\r\n"u8];
    private static readonly byte[] First = [.. "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8, .. Chunk];

    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CoreWatch server;
    private readonly List<Connection> upstream = [];
    private readonly List<Connection?> ready = [];
    private Connection?[] watched = [];
    private Polled[] polled = [];
    private long last;
    private long stalled;

    /// <param name="server">The core of the server between them.</param>
    public StreamLoop(CoreWatch server)
    {
        this.server = server;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        listener.Blocking = false;
    }

    /// <summary>Where the upstream listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        foreach (var connection in upstream) connection.Socket.Dispose();
        listener.Dispose();
    }

    /// <summary>Streams through a server for a time.</summary>
    /// <param name="port">The server's, or the upstream's own.</param>
    /// <param name="body">What each asks for.</param>
    /// <param name="chunks">Events of each answer before its last.</param>
    /// <param name="time">How long calls begin.</param>
    /// <param name="perSecond">Calls that begin in a second, or 0 for as many as there can be.</param>
    /// <returns>How long each call's first event took in milliseconds, the shortest first; the same without those before which, since no call was
    /// running, this thread was held up or the server's core was away; and how long all took.</returns>
    public (double[] All, double[] Undisturbed, TimeSpan Elapsed) Run(int port, string body, int chunks, TimeSpan time, double perSecond = 0)
    {
        var request = RawLoad.Request(port, "/v1/chat/completions", body);
        var callers = Enumerable.Range(0, Callers).Select(_ => Connect(port)).ToList();
        var free = new Stack<Connection>(callers);
        var (all, undisturbed) = (new List<double>(1 << 16), new List<double>(1 << 16));
        var (began, begun) = (Stopwatch.GetTimestamp(), 0L);
        (last, stalled) = (began, 0);
        var busy = began; // since when calls have been running
        var ends = began + (long)(time.TotalSeconds * Stopwatch.Frequency);
        for (var now = began; now < ends || free.Count < Callers; now = Stopwatch.GetTimestamp())
        {
            while (free.Count > 0 && now < ends)
            {
                Watch();
                var due = perSecond > 0 ? began + (long)(begun / perSecond * Stopwatch.Frequency) : now;
                if (due > now) break;
                begun++;
                if (free.Count == Callers) busy = due;
                var caller = free.Pop();
                (caller.Due, caller.Behind, caller.Length, caller.Started) = (due, busy, 0, false);
                caller.Send(request);
            }

            Look(callers);
            if (ready.Count == 0) Watch();
            foreach (var connection in ready)
            {
                Watch();
                if (connection is null) Accept();
                else if (connection.IsCaller) Heard(connection, all, undisturbed, free);
                else Asked(connection, chunks);
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(began);
        foreach (var caller in callers) caller.Socket.Dispose();
        watched = [];
        all.Sort();
        undisturbed.Sort();
        return ([.. all], [.. undisturbed], elapsed);
    }

    // Whoever waits for its first event while this thread is held up, by another one or by the machine's host, waits for this thread; who comes then waits for what has piled up.
    private void Watch()
    {
        var now = Stopwatch.GetTimestamp();
        if (now - last > Held) stalled = now;
        last = now;
    }

    private void Heard(Connection caller, List<double> all, List<double> undisturbed, Stack<Connection> free)
    {
        if (!caller.Receive()) throw new IOException("The server closed the connection.");
        var text = caller.Text;
        if (!caller.Started && text.IndexOf("\r\n\r\n"u8) is >= 0 and var head && text.Length > head + 4)
        {
            caller.Started = true;
            var took = (Stopwatch.GetTimestamp() - caller.Due) * 1000.0 / Stopwatch.Frequency;
            all.Add(took);
            if (caller.Behind >= stalled && !server.WasAway(caller.Behind)) undisturbed.Add(took);
        }

        if (RawLoad.IsWhole(text)) free.Push(caller);
    }

    private void Asked(Connection connection, int chunks)
    {
        if (!connection.Receive())
        {
            upstream.Remove(connection);
            connection.Socket.Dispose();
            watched = [];
            return;
        }

        if (!RawLoad.IsWhole(connection.Text)) return;
        connection.Length = 0;
        connection.Send(First);
        for (var i = 1; i < chunks; i++) connection.Send(Chunk);
        connection.Send(Last);
    }

    private void Accept()
    {
        var socket = listener.Accept();
        upstream.Add(new Connection(socket, isCaller: false));
        watched = [];
    }

    private static Connection Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return new Connection(socket, isCaller: true);
    }

    // Puts those with something to read into `ready`; nothing stands for the listener.
    private void Look(List<Connection> callers)
    {
        ready.Clear();
        if (watched.Length == 0) // somebody came or left
        {
            watched = [null, .. upstream, .. callers];
            polled = [.. watched.Select(connection => new Polled((int)(connection?.Socket ?? listener).Handle, Readable))];
        }

        if (Poll(polled, (nuint)polled.Length, 0) <= 0) return;
        for (var i = 0; i < polled.Length; i++)
        {
            if (polled[i].Found != 0) ready.Add(watched[i]);
        }
    }

    private static byte[] Framed(byte[] text) => [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n")), .. text, .. "\r\n"u8];

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(Polled[] sockets, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Polled(int socket, short wanted)
    {
        public int Socket = socket;
        public short Wanted = wanted;
        public short Found;
    }

    private sealed class Connection
    {
        private readonly byte[] buffer = new byte[64 << 10];

        public Connection(Socket socket, bool isCaller)
        {
            (Socket, IsCaller) = (socket, isCaller);
            (socket.NoDelay, socket.Blocking) = (true, false);
        }

        public Socket Socket { get; }

        public bool IsCaller { get; }

        public long Due { get; set; }

        /// <summary>When the first was due of the calls that it may wait behind, itself included.</summary>
        public long Behind { get; set; }

        public bool Started { get; set; }

        public int Length { get; set; }

        public ReadOnlySpan<byte> Text => buffer.AsSpan(0, Length);

        public void Send(ReadOnlySpan<byte> bytes)
        {
            if (Socket.Send(bytes) != bytes.Length) throw new IOException("The server does not read.");
        }

        public bool Receive()
        {
            var read = Socket.Receive(buffer.AsSpan(Length), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return true;
            Length += read;
            return read > 0;
        }
    }
}
