namespace Gateway.AdminConsole;

/// <summary>What the room consists of.</summary>
internal static class ConsoleSetup
{
    public static void Add(IServiceCollection services) => services.AddSingleton<SessionSeal>().AddSingleton<EndedSessions>().AddSingleton<Sessions>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        SessionApi.Map(routes);
        Playground.Map(routes);
    }
}
