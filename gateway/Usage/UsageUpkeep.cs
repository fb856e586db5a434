using Gateway.Configuration;

namespace Gateway.Usage;

/// <summary>
/// Looks every few seconds whose calls run in the table, closes those of processes that show no life, and deletes what is past its time.
/// Each replica does it; a process that only seemed dead corrects its rows when its calls are over.
/// </summary>
internal sealed class UsageUpkeep(UsageStore store, UsageJournal journal, GatewayOptions options, TimeProvider time, ILogger<UsageUpkeep> logger) : BackgroundService
{
    private const int Batch = 2_000; // rows of one statement, so that writers do not wait long
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(2); // the first calls have the machine for themselves
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Sweeps = TimeSpan.FromHours(1);

    private readonly Dictionary<string, (long Beat, long Since)> seen = new(StringComparer.Ordinal);
    private long swept;

    /// <summary>Closes calls whose process has shown no life for as long as its lease.</summary>
    /// <returns>How many.</returns>
    public async Task<int> LookAsync(CancellationToken cancellation)
    {
        var (now, closed) = (time.GetTimestamp(), 0);
        var owners = await store.OwnersAsync(cancellation);
        foreach (var gone in seen.Keys.Except(owners.Select(static owner => owner.Id), StringComparer.Ordinal).ToList()) seen.Remove(gone);
        foreach (var owner in owners)
        {
            if (owner.Id == journal.Owner) continue;
            if (!seen.TryGetValue(owner.Id, out var before) || before.Beat != owner.Beat) seen[owner.Id] = (owner.Beat, now);
            else if (time.GetElapsedTime(before.Since, now) >= Lease) closed += await store.InterruptAsync(owner.Id, cancellation);
        }

        return closed;
    }

    /// <summary>Deletes what is past its time.</summary>
    /// <returns>How many rows went.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellation)
    {
        var oldest = (time.GetUtcNow() - options.Usage.KeepFor).ToUnixTimeMilliseconds();
        var all = 0;
        while (await store.SweepAsync(oldest, Batch, cancellation) is > 0 and var gone) all += gone;
        return all;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Usage.Enabled) return;
        try
        {
            await Task.Delay(Start, time, stoppingToken);
            swept = time.GetTimestamp();
            using var timer = new PeriodicTimer(Interval, time);
            do await KeepUpQuietlyAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private async Task KeepUpQuietlyAsync(CancellationToken cancellation)
    {
        try
        {
            if (store.MayHoldSomething) await KeepUpAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogDebug("The table of usage could not be looked at: {Reason}", e.GetBaseException().Message); // writing says it aloud
        }
    }

    private async Task KeepUpAsync(CancellationToken cancellation)
    {
        if (await LookAsync(cancellation) is > 0 and var closed) logger.LogWarning("{Count} calls were cut by the end of their gateway; what they had used by then is counted", closed);
        if (time.GetElapsedTime(swept) < Sweeps) return;
        swept = time.GetTimestamp();
        if (await SweepAsync(cancellation) is > 0 and var gone) logger.LogInformation("{Count} rows of usage were past their time and are deleted", gone);
    }
}
