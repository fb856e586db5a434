using Gateway.Configuration;
using Gateway.Keys.Stored;

namespace Gateway.Keys;

/// <summary>What the room consists of.</summary>
internal static class KeysSetup
{
    public static void Add(IServiceCollection services, Exposure exposure, GatewayOptions options)
    {
        if (options.Jwt is { } jwt) JwtTokens.Add(services, jwt);
        services
            .AddSingleton(exposure).AddSingleton(new KeyCache()).AddSingleton<KeyStore>().AddSingleton<KeyRing>().AddSingleton<Access>()
        .AddSingleton(static services => new WrongKeys(services.GetRequiredService<TimeProvider>())).AddSingleton<AccessMetrics>().AddSingleton<JwtTokens>()
            .AddSingleton<KeyFeed>().AddHostedService(static services => services.GetRequiredService<KeyFeed>());
    }

    /// <summary>Before anything is listened on.</summary>
    /// <exception cref="ConfigurationException">Somebody elsewhere would be answered without a key, and nobody said that this is meant.</exception>
    /// <exception cref="Errors.ProblemException">Only the database knows, and it cannot be asked.</exception>
    public static async Task CheckExposureAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var (exposure, options) = (services.GetRequiredService<Exposure>(), services.GetRequiredService<GatewayOptions>());
        if (exposure.IsFine(options)) return;
        if (!await services.GetRequiredService<KeyRing>().AnyAsync(cancellation)) throw new ConfigurationException([exposure.Complaint]);
    }
}
