using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Calls;

/// <summary>
/// Tells a client that has left from one that has only said all it wants to say. Both look the same, a FIN, until something is sent to them: who left
/// answers with a reset. So where a call runs on a half-closed connection, something harmless is sent (an interim response before the answer
/// begins, a comment in a stream) and the connection's state is looked at. Linux; elsewhere a FIN is taken for leaving.
/// </summary>
internal sealed class ClientPresence : IDisposable
{
    private const int TcpInfo = 11; // TCP_INFO of IPPROTO_TCP; its first byte is the state
    private const int CloseWait = 8; // TCP_CLOSE_WAIT
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private static ReadOnlySpan<byte> Interim => "HTTP/1.1 100 Continue\r\n\r\n"u8;

    private readonly Socket socket;
    private readonly CancellationTokenSource gone = new();
    private readonly Lock gate = new();
    private bool answering; // bytes of an answer are on their way
    private Asked asked;

    private ClientPresence(Socket socket) => this.socket = socket;

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private enum Asked
    {
        Nothing,
        Http10, // has no interim responses
        Http11,
        Http2, // has its own way to leave; a FIN is one too
    }

    /// <summary>Sends something that a reader skips; set while a stream runs.</summary>
    public Func<Task>? Nudge { get; set; }

    /// <summary>What HTTP reads.</summary>
    public FinishedInput Input { get; set; } = null!;

    /// <summary>Where the connection is encrypted: what it sends, deciphered.</summary>
    public InterimWriter? Clear { get; set; }

    /// <summary>Watches an endpoint's connections. Outermost, where a FIN arrives first.</summary>
    public static void Watch(ListenOptions listen) => listen.Use(next => connection =>
    {
        if (!OperatingSystem.IsLinux() || connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { ProtocolType: ProtocolType.Tcp } socket) return next(connection);
        var presence = new ClientPresence(socket);
        connection.Features.Set(presence);
        var closed = connection.ConnectionClosed;
        connection.ConnectionClosed = presence.gone.Token;
        connection.Transport = new Duplex(presence.Input = new FinishedInput(connection.Transport.Input), connection.Transport.Output);
        return RunAsync(connection, next, presence, closed);
    });

    /// <summary>A request of this connection is being answered.</summary>
    public void Begin(HttpContext http)
    {
        var protocol = http.Request.Protocol;
        lock (gate) (answering, asked) = (false, protocol == HttpProtocol.Http11 ? Asked.Http11 : protocol == HttpProtocol.Http10 ? Asked.Http10 : Asked.Http2);
    }

    /// <summary>It was.</summary>
    public void End()
    {
        lock (gate) asked = Asked.Nothing;
        Nudge = null;
    }

    /// <summary>The answer's first bytes are about to be sent: no interim response may follow.</summary>
    public void Answering()
    {
        lock (gate) answering = true;
    }

    /// <inheritdoc/>
    public void Dispose() => gone.Dispose();

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, ClientPresence presence, CancellationToken closed)
    {
        using var ended = new CancellationTokenSource();
        await using var registration = closed.UnsafeRegister(state => _ = presence.AskAsync(((CancellationTokenSource)state!).Token), ended);
        try
        {
            await next(connection);
        }
        finally
        {
            await ended.CancelAsync();
            presence.Dispose();
        }
    }

    private async Task AskAsync(CancellationToken ended)
    {
        try
        {
            var sent = 0;
            for (var pause = TimeSpan.FromMilliseconds(1); IsHalfOpen(); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                // Once is answered by a reset; twice, for a stream that begins after the first.
                if (asked == Asked.Http2) break;
                if (asked != Asked.Nothing && (sent == 0 || (sent == 1 && pause.TotalMilliseconds > 30)))
                {
                    sent++;
                    if (!await SendAsync()) break;
                }

                await Task.Delay(pause, ended);
            }
        }
        catch (OperationCanceledException)
        {
            return; // the connection is over anyway
        }

        try
        {
            await gone.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The connection ended at this very moment.
        }
    }

    // False where there is nobody to wait for an answer.
    private async Task<bool> SendAsync()
    {
        try
        {
            lock (gate)
            {
                if (!answering && asked == Asked.Http11)
                {
                    if (Clear is null) socket.Send(Interim);
                    else if (!Clear.TrySend(Interim)) return false;
                }
            }

            if (Nudge is { } nudge) await nudge();
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }

    private bool IsHalfOpen()
    {
        try
        {
            Span<byte> state = stackalloc byte[1];
            return socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpInfo, state) >= 1 && state[0] == CloseWait;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
