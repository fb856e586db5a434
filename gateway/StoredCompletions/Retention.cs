using Gateway.Configuration;
using Gateway.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.StoredCompletions;

/// <summary>
/// Deletes what is past its time, hourly and from a minute after the start on. Readers do not see it even before. Several gateways of one
/// database may each do it.
/// </summary>
internal sealed class Retention(Database database, GatewayOptions options, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    private const int Batch = 500; // rows of one statement, so that writers do not wait long
    private static readonly TimeSpan Deleted = TimeSpan.FromHours(1);

    /// <summary>Unix seconds; what was stored before is past its time.</summary>
    public static long Oldest(DateTimeOffset now, TimeSpan keepFor) => (now - keepFor).ToUnixTimeSeconds();

    /// <returns>How many rows went.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellation)
    {
        await using var db = await database.OpenAsync(cancellation);
        var (oldest, deletedBefore) = (Oldest(time.GetUtcNow(), options.StoredCompletions.KeepFor), Oldest(time.GetUtcNow(), Deleted));
        var all = 0;
        while (true)
        {
            var numbers = await db.StoredCompletions.Where(row => row.StoredAt < oldest || row.DeletedAt < deletedBefore).OrderBy(row => row.Number).Select(row => row.Number).Take(Batch).ToListAsync(cancellation);
            if (numbers.Count == 0) return all;
            all += await db.StoredCompletions.Where(row => numbers.Contains(row.Number)).ExecuteDeleteAsync(cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.StoredCompletions.Enabled) return;
        try
        {
            await KeepSweepingAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    private async Task KeepSweepingAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(TimeSpan.FromMinutes(1), time, stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                if (database.MayHoldSomething && await SweepAsync(stoppingToken) is > 0 and var gone) logger.LogInformation("{Count} stored chat completions were past their time and are deleted", gone);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogWarning("Old chat completions could not be deleted, which is tried again in an hour: {Reason}", e.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
