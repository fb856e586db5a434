namespace Gateway.Routing.Balancers;

/// <summary>Chooses one of several targets that may all be asked. Stateless and thread-safe: what is known of a target is in the target.</summary>
internal interface IBalancer
{
    /// <summary>Whether a sample of many targets is as good as all of them.</summary>
    bool Samples { get; }

    /// <param name="targets">At least one.</param>
    /// <param name="call">Whom for.</param>
    /// <param name="chance">Of the caller's thread.</param>
    Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance);
}
