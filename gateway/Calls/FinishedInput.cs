using System.IO.Pipelines;

namespace Gateway.Calls;

/// <summary>
/// A connection's input that says that it is finished only once all of it was read. Kestrel takes a body that comes together with the FIN for one
/// that was cut, although it is whole.
/// </summary>
internal sealed class FinishedInput(PipeReader inner) : PipeReader
{
    private ReadResult last;
    private bool inVain; // all of the last result was looked at, and nothing follows it

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
        inVain = last.IsCompleted && last.Buffer.Slice(examined).IsEmpty;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    // A reader that has looked at everything and wants more waits in vain: then the end is said. One that took a head and left its body does not.
    private ReadResult Seen(ReadResult result)
    {
        last = result;
        return result.IsCompleted && !result.Buffer.IsEmpty && !inVain ? new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false) : result;
    }
}
