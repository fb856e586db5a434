using Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Policies;

/// <summary>What counts calls, and where.</summary>
internal static class PoliciesSetup
{
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.TryAddSingleton<ISpentMoney, NothingSpent>();
        services.AddSingleton<BudgetCalendar>().AddSingleton<Seeds>().AddSingleton<Admission>();
        services.AddSingleton<ILimitStore>(static services => new LocalLimits(services.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static services => new WaitingRoom(services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILimitStore>().PollInterval));
    }
}
