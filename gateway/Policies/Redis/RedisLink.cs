using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>
/// The connection to Redis, and whether it is of use now: one that is slow is left alone for a second, and then one call tries it again.
/// Thread-safe.
/// </summary>
internal sealed class RedisLink(string address, TimeSpan timeout, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lazy<Task<ConnectionMultiplexer>> connecting = new(() => ConnectionMultiplexer.ConnectAsync(Options(address)));
    private long awayUntil; // a timestamp; 0 while all is well

    /// <summary>Begins to connect, and waits a moment for it.</summary>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        try
        {
            await connecting.Value.WaitAsync(Pause, time, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or RedisException)
        {
            // It may come later.
        }
    }

    /// <summary>Where to send what nobody waits for; null where there is no connection.</summary>
    public IDatabase? Open => connecting is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } made } && Made(made) is { IsConnected: true } redis ? redis.GetDatabase() : null;

    /// <summary>The same for what somebody waits for: null also where it was too slow a moment ago.</summary>
    public IDatabase? Usable()
    {
        if (Open is not { } redis) return null;
        var until = Volatile.Read(ref awayUntil);
        if (until == 0) return redis;
        var now = time.GetTimestamp();
        return now >= until && Interlocked.CompareExchange(ref awayUntil, now + (long)(Pause.TotalSeconds * time.TimestampFrequency), until) == until ? redis : null;
    }

    /// <summary>Waits for an answer, as long as may be.</summary>
    /// <exception cref="RedisException">There is none.</exception>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public async Task<T> AnswerAsync<T>(Task<T> answer)
    {
        try
        {
            var result = answer.IsCompleted ? await answer : await answer.WaitAsync(timeout, time);
            Volatile.Write(ref awayUntil, 0);
            return result;
        }
        catch (Exception e) when (e is TimeoutException or RedisConnectionException)
        {
            Volatile.Write(ref awayUntil, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (connecting.IsValueCreated && connecting.Value.IsCompletedSuccessfully) await (await connecting.Value).DisposeAsync();
    }

    /// <summary>Lets the driver itself read an address.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static void Check(string address)
    {
        if (ConfigurationOptions.Parse(address).EndPoints.Count == 0) throw new ArgumentException("names no server");
    }

    private static ConfigurationOptions Options(string address)
    {
        var options = ConfigurationOptions.Parse(address);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast; // what cannot be sent now is decided otherwise
        options.ConnectTimeout = 1_000;
        options.ReconnectRetryPolicy = new LinearRetry(250);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(500); // how often a lost connection is looked at
        options.ConfigurationChannel = ""; // nothing is announced
        options.TieBreaker = "";
        options.ClientName ??= "gateway";
        return options;
    }

    private static ConnectionMultiplexer Made(Task<ConnectionMultiplexer> task) => task.GetAwaiter().GetResult(); // complete
}
