using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>A listener on loopback that accepts nothing and whose queue is full: who connects waits.</summary>
internal sealed class FullBacklog : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> waiting = [];

    public FullBacklog()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        for (var more = 0; more < 8; more++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            waiting.Add(socket);
            _ = ConnectAsync(socket);
        }
    }

    /// <summary>Nobody gets here.</summary>
    public string Address => $"http://{listener.LocalEndPoint}/v1";

    public void Dispose()
    {
        foreach (var socket in waiting) socket.Dispose();
        listener.Dispose();
    }

    private async Task ConnectAsync(Socket socket)
    {
        try
        {
            await socket.ConnectAsync(listener.LocalEndPoint!);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It waited in vain, as it should.
        }
    }
}
