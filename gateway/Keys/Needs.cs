namespace Gateway.Keys;

/// <summary>What a route wants of a key; a route that says nothing wants <see cref="Scopes.Inference"/>.</summary>
internal sealed record Needs(Scopes Scopes);

/// <summary>How routes say so.</summary>
internal static class NeedsOfRoutes
{
    /// <summary>Only for keys that open all of this.</summary>
    public static T Needs<T>(this T route, Scopes scopes)
        where T : IEndpointConventionBuilder => route.WithMetadata(new Needs(scopes));

    /// <summary>For everybody: it says nothing and does nothing.</summary>
    public static T NeedsNoKey<T>(this T route)
        where T : IEndpointConventionBuilder => route.Needs(Scopes.None);
}
