namespace Gateway.ResponseCache;

/// <summary>Lets an answer's body pass and keeps what passed, as long as it is not too much.</summary>
/// <param name="inner">Where it goes.</param>
/// <param name="most">Bytes that are kept.</param>
/// <param name="seen">Is shown all of it so far, each time before more of it goes on: who has read the end finds it kept.</param>
internal sealed class RecordedBody(Stream inner, int most, Action<ReadOnlyMemory<byte>> seen) : Stream
{
    private MemoryStream? kept = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Note(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Note(buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Note(ReadOnlySpan<byte> bytes)
    {
        if (kept is null) return;
        if (kept.Length + bytes.Length > most)
        {
            kept = null;
            return;
        }

        kept.Write(bytes);
        seen(kept.GetBuffer().AsMemory(0, (int)kept.Length));
    }
}
