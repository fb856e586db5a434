using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Gateway.Calls;

/// <summary>
/// A connection's input that says that it is finished only once all of it was read. Kestrel takes a body that comes together with the FIN for one
/// that was cut, although it is whole.
/// </summary>
internal sealed class FinishedInput(PipeReader inner) : PipeReader, IValueTaskSource<ReadResult>
{
    private ReadResult last;
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter pending; // one at a time, as every pipe's
    private Action? goOn;
    private Action<object?>? continuation;
    private object? state;
    private bool inVain; // all of the last result was looked at, and nothing follows it

    // Every request of a connection is waited for here: what waits is this object, and not a new one each time.
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
#pragma warning disable CA2012 // it is consumed once: here, or by GetResult
        pending = inner.ReadAsync(cancellationToken).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        return pending.IsCompleted ? ValueTask.FromResult(Seen(pending.GetResult())) : new ValueTask<ReadResult>(this, 0);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => Seen(pending.GetResult());

    // What went wrong is thrown by the result.
    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => pending.IsCompleted ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        (this.continuation, this.state) = (continuation, state);
        pending.UnsafeOnCompleted(goOn ??= () => this.continuation!(this.state));
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
