using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Gateway.TestKit;

/// <summary>A port for a server that has to be told one.</summary>
public static class FreePort
{
    // Below those that systems give to whoever asks for any, so that no other test's connection takes it meanwhile.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    /// <summary>One that nobody listens at.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(Lowest, Highest);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody does.
            }
        }
    }
}
