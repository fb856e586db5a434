using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Faults.Tls;

/// <summary>A gateway with one model <c>m</c> that is spoken to in TLS, its certificate from settings.</summary>
internal sealed class TlsDoor : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public Door Door { get; private set; } = null!;

    /// <summary>Where its certificate lies.</summary>
    public string Folder => folder.Path;

    /// <param name="upstream">Who serves the model.</param>
    /// <param name="pem">Whether the certificate stands in PEM files.</param>
    public static async Task<TlsDoor> OpenAsync(Uri upstream, bool pem = false)
    {
        var door = new TlsDoor();
        using var certificate = Certificates.Make();
        var (_, pfx) = await certificate.WriteAsync(door.folder.Path);
        var (crt, key) = await certificate.WritePemAsync(door.folder.Path);
        string[] settings = pem
            ? ["--Kestrel:Certificates:Default:Path=" + crt, "--Kestrel:Certificates:Default:KeyPath=" + key]
            : ["--Kestrel:Certificates:Default:Path=" + pfx, "--Kestrel:Certificates:Default:Password=a password"];
        door.Door = await Door.OpenAsync(
            new { Upstreams = new { u0 = new { Address = new Uri(upstream, "v1") } }, Models = new { m = new { Targets = (object[])[new { Upstream = "u0", Model = "there" }] } } },
            null, ["--urls", "https://127.0.0.1:0", .. settings]);
        return door;
    }

    /// <summary>A client that speaks in bytes.</summary>
    public async Task<TlsClient> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Door.Address.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is { Subject: "CN=localhost" });
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http11] });
        return new TlsClient(socket, stream);
    }

    /// <summary>The fingerprint of the certificate that it shows to who comes now.</summary>
    public async Task<string> ShownAsync()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Door.Address.Port);
        await using var stream = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is { Subject: "CN=localhost" });
        await stream.AuthenticateAsClientAsync("localhost");
        return stream.RemoteCertificate!.GetCertHashString();
    }

    public async ValueTask DisposeAsync()
    {
        await Door.DisposeAsync();
        folder.Dispose();
    }
}

/// <summary>A connection to it.</summary>
internal sealed class TlsClient(Socket socket, SslStream stream) : IDisposable
{
    public async Task SendAsync(string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Everything up to a mark, the mark included.</summary>
    public async Task<string> ReadUntilAsync(string mark)
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith(mark, StringComparison.Ordinal)) text.Append(await ReadAsync() is { } one ? one : throw new EndOfStreamException(text.ToString()));
        return text.ToString();
    }

    /// <summary>Everything until the other side closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        while (await ReadAsync() is { } one) text.Append(one);
        return text.ToString();
    }

    /// <summary>Says in TLS and in TCP that nothing more will be sent, and goes on reading.</summary>
    public async Task HalfCloseAsync()
    {
        await stream.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => stream.Dispose();

    private async Task<char?> ReadAsync()
    {
        var one = new byte[1];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await stream.ReadAsync(one, patience.Token) == 0 ? null : (char)one[0];
    }
}
