namespace Gateway.Routing.Balancers;

/// <summary>Chooses one of several targets. Stateless and thread-safe: what is known of a target is in the target, of a tier in the tier.</summary>
internal interface IBalancer
{
    /// <summary>
    /// Finds one that may be asked without a look at all of them, where that is as good or nearly so; null where it found none, or where the
    /// tier is small enough to be looked at.
    /// </summary>
    Target? Spot(Tier tier, in RoutingCall call, Random chance);

    /// <summary>One of all that may be asked.</summary>
    /// <param name="targets">At least one.</param>
    /// <param name="call">Whom for.</param>
    /// <param name="chance">Of the caller's thread.</param>
    Target Pick(ReadOnlySpan<Target> targets, in RoutingCall call, Random chance);
}
