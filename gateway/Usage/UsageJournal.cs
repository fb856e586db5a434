using System.Collections.Concurrent;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Policies;

namespace Gateway.Usage;

/// <summary>
/// Where calls say that they began and what they used: one entry in a list and one in a queue, no lock that is held long and no waiting.
/// <see cref="UsageWriter"/> takes it from here. Thread-safe.
/// </summary>
internal sealed class UsageJournal(GatewayOptions options, UsageMetrics metrics) : IDisposable
{
    private const int MaxWaiting = 200_000;
    private const int Many = 4_000; // the writer is called for these
    private const int MostBlank = 8_192; // of a quarter of a kilobyte
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly bool enabled = options.Usage.Enabled;
    private readonly ConcurrentQueue<UsageRow> rows = new();
    private readonly ConcurrentQueue<UsageRow> blank = new(); // written once: new ones would live just as long as costs a collection the most
    private readonly ConcurrentQueue<TaskCompletionSource<bool>> flushes = new();
    private readonly RunningCalls running = new();
    private readonly SemaphoreSlim wake = new(0);
    private int waiting;

    /// <summary>This process, as rows of its running calls name it.</summary>
    public string Owner { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>A call goes on its way.</summary>
    /// <returns>To be handed back at its end.</returns>
    public LinkedListNode<Call> Begin(Call call) => running.Add(call);

    /// <summary>It is over, and used this.</summary>
    public void End(Call call, LinkedListNode<Call>? begun, Settlement used, (string Outcome, int Status) end)
    {
        if (begun is not null) RunningCalls.Remove(begun);
        if (enabled) Add(UsageRows.Over(blank.TryDequeue(out var row) ? row : UsageRows.Blank(), call, used, end));
    }

    private void Add(UsageRow row)
    {
        if (Volatile.Read(ref waiting) >= MaxWaiting)
        {
            metrics.Lost(1);
            return;
        }

        rows.Enqueue(row);
        if (Interlocked.Increment(ref waiting) == Many) wake.Release();
    }

    /// <summary>Takes rows out, the oldest first.</summary>
    public void Drain(List<UsageRow> to, int most)
    {
        while (to.Count < most && rows.TryDequeue(out var row))
        {
            Interlocked.Decrement(ref waiting);
            to.Add(row);
        }
    }

    /// <summary>Takes rows back to write others on them; whoever has one must not look at it again.</summary>
    public void Return(List<UsageRow> written)
    {
        var room = MostBlank - blank.Count;
        for (var i = 0; i < written.Count && i < room; i++)
        {
            UsageRows.Clear(written[i]);
            blank.Enqueue(written[i]);
        }
    }

    /// <summary>Calls that run now, also where usage is not kept.</summary>
    public List<Call> Calls() => running.Since(TimeSpan.Zero);

    /// <summary>Rows of calls that have run for a while and go on.</summary>
    public IEnumerable<UsageRow> Running(TimeSpan age) => running.Since(age).Select(call => UsageRows.Running(call, Owner));

    /// <summary>Waits until all that was said before is in the database, but not for ever.</summary>
    /// <returns>Whether it is.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        if (!enabled) return true;
        var flush = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        flushes.Enqueue(flush);
        wake.Release();
        try
        {
            return await flush.Task.WaitAsync(Patience, cancellation);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            flush.TrySetResult(false); // nobody waits for it any longer
        }
    }

    /// <summary>Who waits for what was said until now.</summary>
    public List<TaskCompletionSource<bool>> TakeFlushes()
    {
        var taken = new List<TaskCompletionSource<bool>>();
        while (flushes.TryDequeue(out var flush)) taken.Add(flush);
        return taken;
    }

    /// <summary>Not yet: at the next pass.</summary>
    public void AskAgain(TaskCompletionSource<bool> flush)
    {
        if (!flush.Task.IsCompleted) flushes.Enqueue(flush);
    }

    /// <summary>For a while, or until somebody wants to see rows or there are many.</summary>
    public Task WaitAsync(TimeSpan pause, CancellationToken cancellation) => wake.WaitAsync(pause, cancellation);

    /// <inheritdoc/>
    public void Dispose() => wake.Dispose();
}
