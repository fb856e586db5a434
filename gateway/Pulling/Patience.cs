namespace Gateway.Pulling;

/// <summary>How one connection bears with a hub: pauses that double, or as long as the hub asks; a byte that comes begins the count anew.</summary>
internal sealed class Patience(HubOptions options, TimeProvider time, PullProgress progress)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private int failures;

    /// <summary>Something came: the failures before it are forgiven.</summary>
    public void Renew() => failures = 0;

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="PullException">It has been enough.</exception>
    public async Task WaitAsync(PassingException failure, CancellationToken cancellation)
    {
        if (++failures >= options.Attempts) throw new PullException($"{failure.Message} ({failures} times); what has come is kept, and pulling again goes on from there");
        if (failure.RetryAfter > options.LongestWait)
            throw new PullException($"{failure.Message} and asks to come back in {Texts.Time(failure.RetryAfter.Value)}; what has come is kept, and pulling again then goes on from there");
        var pause = failure.RetryAfter ?? TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(failures - 1, 10)));
        progress.Say($"{failure.Message}; trying again in {Texts.Time(pause)}");
        await Task.Delay(pause, time, cancellation);
    }

    /// <summary>Tries until it succeeds or it has been enough.</summary>
    public async Task<T> TryAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (PassingException failure)
            {
                await WaitAsync(failure, cancellation);
            }
        }
    }
}
