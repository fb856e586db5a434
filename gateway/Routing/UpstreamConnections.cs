using System.Net;
using System.Text;

namespace Gateway.Routing;

/// <summary>
/// The connections to all upstreams with an address, by host and port: upstreams that differ by key or by model only use the same ones. They
/// close by themselves when they are idle, those of an upstream that is no longer configured among them.
/// </summary>
public sealed class UpstreamConnections(NameResolver names) : IDisposable
{
    /// <summary>How long an upstream is waited for that was asked whether it takes a body; then it gets it.</summary>
    public static readonly TimeSpan AskedFor = TimeSpan.FromSeconds(1);

    /// <summary>Sends. What belongs to one upstream goes with each request: its credentials, its version of HTTP.</summary>
    public HttpMessageInvoker Client { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false, // an upstream's answer never decides where a request goes
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8, // as the web server reads them
        ConnectCallback = (context, cancellation) => names.ConnectAsync(context.DnsEndPoint, cancellation),
        Expect100ContinueTimeout = AskedFor,
        ConnectTimeout = TimeSpan.FromMinutes(2), // each attempt has its own timer; this ends connections that nobody waits for
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10), // addresses behind a name change
        MaxConnectionsPerServer = int.MaxValue,
    });

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
