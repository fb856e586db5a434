using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gateway.Calls;
using Gateway.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Errors;

/// <summary>Gives the web server's own refusals, which it makes before any middleware runs and without a body, the error object of all others.</summary>
public static class BareRefusals
{
    /// <summary>Watches what an endpoint's HTTP/1.1 connections send, before TLS enciphers it.</summary>
    public static void Complete(ListenOptions listen) => listen.Use(next => connection =>
    {
        var presence = connection.Features.Get<ClientPresence>();
        var sent = new Completing(connection.Transport.Output, presence);
        connection.Transport = new Watched(connection.Transport.Input, sent);
        return next(new Deciphered(connection, clear =>
        {
            sent.IsEnciphered = true;
            var writer = new InterimWriter(clear.Output);
            var input = new FinishedInput(clear.Input);
            if (presence is not null) (presence.Clear, presence.Input) = (writer, input);
            return new Watched(input, new Completing(writer, presence));
        }));
    });

    /// <summary>The same head with a body, or null when it is no bare refusal: what the application answers always has an x-request-id.</summary>
    internal static byte[]? Completed(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 4"u8) && !head.StartsWith("HTTP/1.1 505"u8)) return null;
        var length = head.IndexOf("\r\nContent-Length: 0\r\n"u8);
        if (length < 0 || !head.EndsWith("\r\n\r\n"u8) || head.IndexOf("\r\nx-request-id:"u8) >= 0) return null;
        var status = int.Parse(head.Slice(9, 3), CultureInfo.InvariantCulture);
        var body = JsonSerializer.SerializeToUtf8Bytes(Problems.RefusedByServer(status).Error, ProtocolJson.Wire.ApiError);
        var headers = $"\r\nContent-Length: {body.Length}\r\nContent-Type: application/json; charset=utf-8\r\nx-request-id: req_{Guid.NewGuid():N}\r\nx-should-retry: {(status == 408 ? "true" : "false")}\r\n";
        return [.. head[..length], .. Encoding.ASCII.GetBytes(headers), .. head[(length + "\r\nContent-Length: 0\r\n".Length)..], .. body];
    }

    private sealed record Watched(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    // Kestrel commits the head of an answer in one piece, which is looked at before it is passed on; everything else costs one comparison.
    private sealed class Completing(PipeWriter inner, ClientPresence? presence) : PipeWriter
    {
        private Memory<byte> lent;

        /// <summary>What passes is no HTTP.</summary>
        public bool IsEnciphered { get; set; }

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => lent = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            if (IsEnciphered)
            {
                inner.Advance(bytes);
                return;
            }

            presence?.Answering();
            if (Completed(lent.Span[..bytes]) is { } whole)
            {
                inner.Write(whole);
                lent = default;
                return;
            }

            inner.Advance(bytes);
            lent = lent[bytes..];
        }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => inner.WriteAsync(source, cancellationToken);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
