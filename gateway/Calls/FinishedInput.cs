using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Calls;

/// <summary>
/// A connection's input that says that it is finished only once all of it was read. Kestrel takes a body that comes together with the FIN for one
/// that was cut, although it is whole; and one that was cut it resets, although who sent it may still listen: whoever reads a body here is told of that instead.
/// </summary>
internal sealed class FinishedInput(PipeReader inner) : PipeReader, IValueTaskSource<ReadResult>
{
    private ReadResult last;
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter pending; // one at a time, as every pipe's
    private Action? goOn;
    private Action<object?>? continuation;
    private object? state;
    private HttpRequest? reading; // whose body is being read
    private bool inVain; // all of the last result was looked at, and nothing follows it

    /// <summary>Whether a body's end never came.</summary>
    public bool IsCut { get; private set; }

    /// <summary>A body is read from now on: where it is cut short, its pending read is cancelled.</summary>
    public void Begin(HttpRequest request) => reading = request;

    /// <summary>It was.</summary>
    public void End() => reading = null;

    // Every request of a connection is waited for here: what waits is this object, and not a new one each time.
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (IsCut) return ValueTask.FromException<ReadResult>(new ConnectionAbortedException()); // what ends the reading and resets nothing
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
        result = default;
        if (IsCut || !inner.TryRead(out result)) return false;
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
        if (!result.IsCompleted) return result;
        if (!result.Buffer.IsEmpty && !inVain) return new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
        if (reading is null) return result;
        IsCut = true;
        reading.BodyReader.CancelPendingRead(); // the web server passes on only what was cancelled there
        return new ReadResult(result.Buffer, isCanceled: true, isCompleted: false);
    }
}
