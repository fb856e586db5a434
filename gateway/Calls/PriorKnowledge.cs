using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Calls;

/// <summary>
/// HTTP/2 without TLS beside HTTP/1.1 on one port. Kestrel takes a connection without ALPN for HTTP/1.1; one that begins with HTTP/2's
/// preface has said what it is, so it is given what ALPN would have found.
/// </summary>
internal static class PriorKnowledge
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(130); // as long as Kestrel keeps an idle connection

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n"u8;

    /// <summary>Looks at how an endpoint's connections begin.</summary>
    public static void Recognise(ListenOptions listen) => listen.Use(next => async connection =>
    {
        if (connection.Features.Get<ITlsConnectionFeature>() is null)
        {
            if (await BeginsAsync(connection) is not { } http2) return;
            if (http2)
            {
                connection.Features.Set<ITlsConnectionFeature>(new NoTls());
                connection.Features.Set<ITlsApplicationProtocolFeature>(new Http2());
            }
        }

        await next(connection);
    });

    // Null where nothing came in time, or the server stops.
    private static async Task<bool?> BeginsAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping, connection.ConnectionClosed);
        patience.CancelAfter(Patience);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(patience.Token);
                var begin = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, Preface.Length)).ToArray();
                var alike = Preface.StartsWith(begin);
                var decided = !alike || begin.Length == Preface.Length || read.IsCompleted;
                input.AdvanceTo(read.Buffer.Start, decided ? read.Buffer.Start : read.Buffer.End);
                if (decided) return alike && begin.Length == Preface.Length;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
        {
            return null;
        }
    }

    private sealed class NoTls : ITlsConnectionFeature
    {
        public System.Security.Cryptography.X509Certificates.X509Certificate2? ClientCertificate { get; set; }

        public Task<System.Security.Cryptography.X509Certificates.X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }

    private sealed class Http2 : ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();
    }
}
