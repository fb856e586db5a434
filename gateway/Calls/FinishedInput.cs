using System.IO.Pipelines;

namespace Gateway.Calls;

/// <summary>
/// A connection's input that says that it is finished only once all of it was read. Kestrel takes a body that comes together with the FIN for one
/// that was cut, although it is whole.
/// </summary>
internal sealed class FinishedInput(PipeReader inner) : PipeReader
{
    private ReadResult last;
    private long left; // of the last result, after it was advanced

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        return Seen(read.IsCompletedSuccessfully ? read.GetAwaiter().GetResult() : await read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        result = Seen(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        left = last.IsCompleted ? last.Buffer.Slice(consumed).Length : 0;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    // What was seen before and is still there is waited for in vain: then the end is said.
    private ReadResult Seen(ReadResult result)
    {
        var ended = last.IsCompleted && result.Buffer.Length <= left;
        last = result;
        return result.IsCompleted && result.Buffer.Length > 0 && !ended ? new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false) : result;
    }
}
