using System.Buffers;
using System.IO.Pipelines;

namespace Gateway.Calls;

/// <summary>What a TLS connection sends, with room for an interim response from another thread while HTTP itself sends nothing.</summary>
internal sealed class InterimWriter(PipeWriter inner) : PipeWriter
{
    private readonly Lock gate = new();
    private bool lent; // from the memory that HTTP took until it flushes

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    /// <summary>Sends it unless something else is being sent; false where nobody takes it.</summary>
    public bool TrySend(ReadOnlySpan<byte> interim)
    {
        lock (gate)
        {
            if (lent) return true;
            inner.Write(interim);
            var flush = inner.FlushAsync();
            // A flush that waits is one for a client that closed its side and reads nothing either.
            return flush.IsCompletedSuccessfully && !flush.GetAwaiter().GetResult().IsCompleted;
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        lock (gate)
        {
            lent = true;
            return inner.GetMemory(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            lent = false;
            return inner.FlushAsync(cancellationToken);
        }
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
