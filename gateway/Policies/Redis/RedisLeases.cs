namespace Gateway.Policies.Redis;

/// <summary>Connects at start, and renews the places of running calls three times in each lease.</summary>
internal sealed class RedisLeases(RedisLimits limits, TimeProvider time) : BackgroundService
{
    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await limits.ConnectAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RedisLimits.Lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) limits.Renew();
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }
}
