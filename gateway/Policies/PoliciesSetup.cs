using Gateway.Configuration;
using Gateway.Policies.Redis;
using Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Policies;

/// <summary>What counts calls, and where.</summary>
internal static class PoliciesSetup
{
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.TryAddSingleton<ISpentMoney, NothingSpent>();
        services.AddSingleton<BudgetCalendar>().AddSingleton<Seeds>().AddSingleton<QueueMetrics>().AddSingleton<Admission>();
        if (options.Redis is { } address)
        {
            services.AddSingleton(services => new RedisLink(address, options.RedisTimeout, services.GetRequiredService<TimeProvider>()));
            services.AddSingleton(static services => new RedisLimits(services.GetRequiredService<RedisLink>(), services.GetRequiredService<TimeProvider>(), () => services.GetRequiredService<LiveSettings>().Current.Options.WhenRedisIsGone == SharedLimits.Open));
            services.AddSingleton<ILimitStore, SharedLimits>().AddHostedService<RedisLeases>();
        }
        else
        {
            services.AddSingleton<ILimitStore>(static services => new LocalLimits(services.GetRequiredService<TimeProvider>()));
        }

        services.AddSingleton(static services => new WaitingRoom(services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILimitStore>().PollInterval));
    }
}
