using Gateway.Routing;

namespace Gateway.Telemetry;

/// <summary>Who serves, in the words of the GenAI semantic conventions: they tell a wire's flavour, and not whose machine it is.</summary>
internal static class Providers
{
    /// <summary>Of calls, and of what is local: the conventions have no word for it.</summary>
    public const string Gateway = "gateway";

    public static string Of(Upstream upstream) => upstream switch { RemoteUpstream { Origin.Options.Kind: "azure" } => "azure.ai.openai", RemoteUpstream => "openai", _ => Gateway };
}
