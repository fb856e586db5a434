using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Calls;

/// <summary>
/// The calls of a connection. A program that stops waits for calls, and not for whoever has sent half of one: the web server does not look at
/// its timers any more then, and would wait for the other half as long as for an answer.
/// </summary>
internal sealed class Latecomers
{
    private int running;

    /// <summary>Watches an endpoint's connections: one on which no call runs ends soon after the program is told to stop.</summary>
    public static void Watch(ListenOptions listen)
    {
        var farewell = listen.ApplicationServices.GetRequiredService<Farewell>();
        listen.Use(next => async connection =>
        {
            var calls = new Latecomers();
            connection.Features.Set(calls);
            await using var closing = farewell.Closing.UnsafeRegister(_ =>
            {
                if (Volatile.Read(ref calls.running) == 0) connection.Abort(new ConnectionAbortedException("The program stops, and nothing was asked."));
            }, null);
            await next(connection);
        });
    }

    /// <summary>A call of this connection runs.</summary>
    public void Begin() => Interlocked.Increment(ref running);

    /// <summary>It does no longer.</summary>
    public void End() => Interlocked.Decrement(ref running);
}
