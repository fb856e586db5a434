using Gateway.Configuration;

namespace Gateway.ResponseCache;

/// <summary>What the room consists of, and what its settings may be.</summary>
internal static class CacheSetup
{
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<AnswerCache>();
        if (options.Cache.Store == CacheOptions.InRedis) services.AddSingleton<IAnswerStore, RedisAnswers>();
        else services.AddSingleton<IAnswerStore>(services => new MemoryAnswers(options.Cache.MaxBytes, services.GetRequiredService<TimeProvider>()));
    }

    public static void Check(GatewayOptions options, List<string> errors)
    {
        var cache = options.Cache;
        if (cache.Scope is not (CacheOptions.OfKey or CacheOptions.OfTeam or CacheOptions.OfAll)) errors.Add($"Gateway:Cache:Scope is '{cache.Scope}'; known are key, team, all");
        if (cache.Store is not (CacheOptions.InMemory or CacheOptions.InRedis)) errors.Add($"Gateway:Cache:Store is '{cache.Store}'; known are memory, redis");
        if (cache.Store == CacheOptions.InRedis && options.Redis is null) errors.Add("Gateway:Cache:Store is 'redis', and Gateway:Redis is missing");
        if (cache.TimeToLive < TimeSpan.FromSeconds(1) || cache.TimeToLive > TimeSpan.FromDays(365)) errors.Add("Gateway:Cache:TimeToLive must be from a second to a year");
        if (cache.MaxBytes < 0) errors.Add("Gateway:Cache:MaxBytes must not be negative");
        if (cache.MaxEntryBytes is < 1 or > 64 << 20) errors.Add("Gateway:Cache:MaxEntryBytes must be from 1 to 67108864");
    }
}
