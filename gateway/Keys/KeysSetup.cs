namespace Gateway.Keys;

/// <summary>What the room consists of.</summary>
internal static class KeysSetup
{
    public static void Add(IServiceCollection services, Exposure exposure) => services.AddSingleton(exposure).AddSingleton<KeyRing>().AddSingleton<Access>();
}
