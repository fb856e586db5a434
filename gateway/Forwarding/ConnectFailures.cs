using System.Net.Sockets;
using System.Security.Authentication;

namespace Gateway.Forwarding;

/// <summary>Why a connection did not come about, in a few words for whoever runs the gateway.</summary>
internal static class ConnectFailures
{
    /// <param name="error">What the HTTP client threw.</param>
    /// <param name="redact">Takes keys and addresses out of a text.</param>
    /// <returns>Null where it does not say.</returns>
    public static string? Of(Exception? error, Func<string, string> redact)
    {
        for (; error is not null; error = error.InnerException)
        {
            switch (error)
            {
                case SocketException socket:
                    return socket.SocketErrorCode switch
                    {
                        SocketError.ConnectionRefused => "refused",
                        SocketError.HostNotFound or SocketError.NoData => "its name is not known",
                        SocketError.TryAgain => "its name server does not answer",
                        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "no way there",
                        SocketError.TooManyOpenSockets => "no more sockets", // the limit of open files
                        var other => other.ToString(),
                    };
                case AuthenticationException tls:
                    return "TLS: " + redact((tls.InnerException ?? tls).Message).Replace(",", " and", StringComparison.Ordinal); // attempts stand in a list
            }
        }

        return null;
    }
}
