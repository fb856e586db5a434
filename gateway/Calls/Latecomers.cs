using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Calls;

/// <summary>
/// The calls of a connection. A program that stops waits for calls, and not for whoever has sent half of one: the web server does not look at
/// its timers any more then, and would wait for the other half as long as for an answer.
/// </summary>
internal sealed class Latecomers
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Sent = TimeSpan.FromSeconds(10); // by then a slow reader has the end of an answer, which waits in buffers

    private int running;
    private long ended; // when the last one was over; 0 for none yet

    /// <summary>Watches an endpoint's connections: one on which nothing was asked ends soon after the program is told to stop.</summary>
    public static void Watch(ListenOptions listen)
    {
        var farewell = listen.ApplicationServices.GetRequiredService<Farewell>();
        listen.Use(next => async connection =>
        {
            var calls = new Latecomers();
            connection.Features.Set(calls);
            var closed = connection.ConnectionClosed; // ClientPresence puts another in its place
            await using var closing = farewell.Closing.UnsafeRegister(_ => _ = calls.CloseAsync(connection, closed), null);
            await next(connection);
        });
    }

    /// <summary>A call of this connection runs.</summary>
    public void Begin() => Interlocked.Increment(ref running);

    /// <summary>It does no longer.</summary>
    public void End()
    {
        Volatile.Write(ref ended, Environment.TickCount64);
        Interlocked.Decrement(ref running);
    }

    // Where a call ran until now the web server closes the connection once its answer is sent.
    private async Task CloseAsync(ConnectionContext connection, CancellationToken closed)
    {
        while (Volatile.Read(ref running) > 0 || (Volatile.Read(ref ended) is > 0 and var last && Environment.TickCount64 - last < Sent.TotalMilliseconds))
        {
            await Task.Delay(Look, closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (closed.IsCancellationRequested) return;
        }

        connection.Abort(new ConnectionAbortedException("The program stops, and nothing was asked."));
    }
}
