using System.Diagnostics;
using Gateway.Configuration;

namespace Gateway.Usage;

/// <summary>
/// Brings the journal to the database, a batch at a time. One that the database has not taken within a moment goes to a file as well, and
/// what follows goes there until the database is back: writing twice counts once. What no file takes stays in memory, within a bound.
/// </summary>
internal sealed class UsageWriter(UsageJournal journal, UsageStore store, Spill spill, UsageMetrics metrics, GatewayOptions options, ILogger<UsageWriter> logger) : BackgroundService, IAsyncDisposable
{
    public const int MaxHeld = 200_000;
    private const int MaxBatch = 10_000;
    private const double RoomForRunning = 0.25; // of the file: what is over is worth more than what is renewed in a second
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Claims = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(10);

    private List<UsageRow> held = [];
    private Task<bool> trying = Task.FromResult(true); // of the database; another one is not made beside it
    private long tried;
    private bool failing;
    private long renewed;
    private long claimed;
    private long lostSaid;

    /// <summary>Once more for calls that ended after the program was told to stop.</summary>
    private async Task FinishAsync()
    {
        if (!options.Usage.Enabled) return;
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            await PassAsync(last: true);
            if ((held.Count == 0 && spill.IsEmpty && trying.IsCompleted) || failing || Stopwatch.GetElapsedTime(began) > PatienceAtTheEnd) break;
            await Task.WhenAny(trying, Task.Delay(Pause));
        }

        if (trying.IsCompleted) spill.Tidy();
    }

    /// <summary>Where nobody stopped it before, and for what came after that.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (ExecuteTask is { } running) await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // cancelled, where it had not begun
        await FinishAsync();
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FinishAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Usage.Enabled) return;
        try
        {
            while (true)
            {
                await journal.WaitAsync(Pause, stoppingToken);
                await PassAsync(last: false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is written when all calls are over.
        }
    }

    private async Task PassAsync(bool last)
    {
        var flushes = journal.TakeFlushes();
        try
        {
            Claim();
            var renews = !last && Due(ref renewed, Renewal);
            do
            {
                var batch = held;
                held = [];
                journal.Drain(batch, MaxBatch);
                var over = batch.Count;
                if (renews) batch.AddRange(journal.Running(Renewal));
                renews = false;
                await WriteAsync(batch, batch.Count > over ? journal.Owner : null);
                if (over < MaxBatch) break;
            }
            while (held.Count == 0);
            await CatchUpAsync();
        }
        catch (Exception e)
        {
            logger.LogError(e, "Usage could not be written"); // it is tried again
        }

        if (metrics.LostSoFar is var lost && lost > lostSaid)
        {
            if (lostSaid == 0) logger.LogError("Usage of {Count} calls is lost so far: neither the database nor {File} nor the memory has room. gateway_usage_rows_lost_total counts on.", lost, spill.Shown);
            lostSaid = lost;
        }

        // Who asked is told when all is there, or when it will not be soon; a database that is only slow is waited for.
        var all = held.Count == 0 && spill.IsEmpty && trying is { IsCompletedSuccessfully: true } && !failing;
        foreach (var flush in flushes)
            if (all || failing || last) flush.TrySetResult(all);
            else journal.AskAgain(flush);
    }

    private async Task WriteAsync(List<UsageRow> batch, string? owner)
    {
        if (batch.Count == 0) return;
        if (!trying.IsCompleted || !spill.IsEmpty || (failing && Stopwatch.GetElapsedTime(tried) < Retry))
        {
            Keep(batch);
            return;
        }

        trying = TryAsync(async () =>
        {
            await store.WriteAsync(batch, owner, CancellationToken.None);
            metrics.Written(batch.Count);
        });
        if (await WithinPatienceAsync()) journal.Return(batch);
        else Keep(batch);
    }

    private async Task CatchUpAsync()
    {
        if (!trying.IsCompleted) return;
        if (spill.IsEmpty) spill.Tidy(); // a replay that took longer than one's patience is done
        if (spill.IsEmpty || (failing && Stopwatch.GetElapsedTime(tried) < Retry)) return;
        trying = TryAsync(async () =>
        {
            var (rows, unreadable) = await spill.ReplayAsync(async batch =>
            {
                await store.WriteAsync(batch, null, CancellationToken.None);
                metrics.Written(batch.Count);
            });
            metrics.Lost(unreadable);
            logger.LogInformation("Usage that had waited for the database is in it: {Count} rows", rows);
        });
        if (await WithinPatienceAsync()) spill.Tidy();
    }

    private void Keep(List<UsageRow> batch)
    {
        if (spill.Fill > RoomForRunning) batch = [.. batch.Where(static row => row.Stage != UsageStages.Running)];
        if (batch.Count == 0) return;
        try
        {
            spill.Append(batch);
            metrics.Spilled(batch.Count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held = [.. batch.Where(static row => row.Stage != UsageStages.Running).TakeLast(MaxHeld)];
            metrics.Lost(batch.Count(static row => row.Stage != UsageStages.Running) - held.Count);
        }
    }

    // The driver of SQLite blocks, whatever its methods are called.
    private Task<bool> TryAsync(Func<Task> write) => Task.Run(async () =>
    {
        try
        {
            await write();
            if (failing) logger.LogInformation("Usage is written to the database again");
            failing = false;
            return true;
        }
        catch (Exception e)
        {
            tried = Stopwatch.GetTimestamp();
            if (!failing) logger.LogWarning("Usage cannot be written to the database and waits in {File}: {Reason}", spill.Shown, e.GetBaseException().Message);
            failing = true;
            return false;
        }
    });

    private async Task<bool> WithinPatienceAsync()
    {
        await Task.WhenAny(trying, Task.Delay(Patience));
        return trying.IsCompleted && await trying;
    }

    private void Claim()
    {
        if (!Due(ref claimed, Claims) || !trying.IsCompleted) return;
        if (spill.Claim() is > 0 and var files) logger.LogInformation("{Count} files with usage were left by processes that are gone", files);
    }

    private static bool Due(ref long last, TimeSpan interval)
    {
        if (last != 0 && Stopwatch.GetElapsedTime(last) < interval) return false;
        last = Stopwatch.GetTimestamp();
        return true;
    }
}
