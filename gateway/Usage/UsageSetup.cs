using Gateway.Configuration;
using Gateway.Policies;
using Gateway.Usage.Reading;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Usage;

/// <summary>What the room consists of.</summary>
internal static class UsageSetup
{
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<UsageMetrics>().AddSingleton<UsageJournal>().AddSingleton<UsageStore>().AddSingleton<Spill>().AddSingleton<UsageUpkeep>().AddSingleton<UsageReader>();
        services.AddSingleton<UsageWriter>().AddHostedService(static services => services.GetRequiredService<UsageWriter>()).AddHostedService(static services => services.GetRequiredService<UsageUpkeep>());
        if (options.Usage.Enabled) services.TryAddSingleton<ISpentMoney, SpentMoney>();
    }

    public static void Check(UsageOptions usage, List<string> errors)
    {
        if (usage.KeepFor < UsageOptions.ShortestKept || usage.KeepFor > TimeSpan.FromDays(36_500)) errors.Add("Gateway:Usage:KeepFor must be from 32 days, which budgets of a month look back, to a hundred years");
    }
}
