using System.Globalization;
using Gateway.Policies;
using Gateway.Policies.Redis;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Gateway.Tests.Policies.Redis;

/// <summary>Limits in a real Redis whose scripts take the time from a key, so that a test moves it.</summary>
internal sealed class SteppedRedis : IAsyncDisposable
{
    private const string Clock = "redis.call('HMGET', 'clock', 's', 'u')";
    private readonly RedisLink link;
    private readonly ConnectionMultiplexer redis;

    private SteppedRedis(string address, ConnectionMultiplexer redis)
    {
        link = new RedisLink(address, TimeSpan.FromSeconds(30), TimeProvider.System);
        this.redis = redis;
        Limits = new RedisLimits(link, Time, static () => true, Clock);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-11-27T12:00:00Z", CultureInfo.InvariantCulture));

    public RedisLimits Limits { get; }

    public IDatabase Database => redis.GetDatabase();

    public static async Task<SteppedRedis> OpenAsync(string address)
    {
        var stepped = new SteppedRedis(address, await ConnectionMultiplexer.ConnectAsync(address + ",allowAdmin=true"));
        await stepped.Limits.ConnectAsync(TestContext.Current.CancellationToken);
        await stepped.ClearAsync();
        return stepped;
    }

    /// <summary>Empties it, where slots begin: a process's clock begins with the process, Redis's with 1970.</summary>
    public async Task ClearAsync()
    {
        var slot = TimeSpan.FromMinutes(5).Ticks;
        Time.Advance(TimeSpan.FromTicks(slot - (Time.GetUtcNow().Ticks % slot)));
        await redis.GetServers()[0].FlushDatabaseAsync();
        await SetClockAsync(Time.GetUtcNow());
    }

    public async Task AdvanceAsync(TimeSpan by)
    {
        Time.Advance(by);
        await SetClockAsync(Time.GetUtcNow());
    }

    public async Task SetClockAsync(DateTimeOffset now)
    {
        var us = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        await Database.HashSetAsync("clock", [new("s", us / 1_000_000), new("u", us % 1_000_000)]);
    }

    public async Task<Decision> DecideAsync(Ask ask, bool takePlace = true) => (await Limits.DecideAsync(ask, takePlace)).ShouldNotBeNull();

    public async ValueTask DisposeAsync()
    {
        await link.DisposeAsync();
        await redis.DisposeAsync();
    }
}
