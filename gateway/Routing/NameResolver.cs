using System.Net;
using System.Net.Sockets;

namespace Gateway.Routing;

/// <summary>Who an upstream's host is. A connection that nobody's name server helps along is one that hangs, and ends with its attempt's timer.</summary>
public class NameResolver
{
    /// <summary>The addresses of a name, the one to try first in front.</summary>
    public virtual Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation) => Dns.GetHostAddressesAsync(host, cancellation);

    /// <summary>Connects to the first address that takes the connection.</summary>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await ResolveAsync(to.Host, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
