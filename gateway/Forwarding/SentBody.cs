using System.Net;

namespace Gateway.Forwarding;

/// <summary>
/// The body of an attempt's request, which is in memory: it goes out in one write with the head. That it is asked for says that the
/// connection stands. It can be asked for again, where the connection was one that the upstream had closed.
/// </summary>
internal sealed class SentBody(ReadOnlyMemory<byte> bytes, Attempt attempt) : HttpContent
{
    /// <summary>In bytes.</summary>
    public int Length => bytes.Length;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        attempt.Connected();
        return stream.WriteAsync(bytes, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
