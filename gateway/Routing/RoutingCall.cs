namespace Gateway.Routing;

/// <summary>What a balancer may know of a call.</summary>
/// <param name="Tokens">Of its prompt, estimated, and of its longest answer.</param>
/// <param name="Prefix">A hash of the first blocks of its conversation; 0 where there are none.</param>
/// <param name="Now">When it is routed.</param>
/// <param name="Tried">Targets that it was at already.</param>
public readonly record struct RoutingCall(long Tokens, ulong Prefix, long Now, IReadOnlyCollection<Target>? Tried = null)
{
    /// <summary>Whether a target may be asked now, and was not yet by this call.</summary>
    public bool MayAsk(Target target) => target.IsAvailable(Now) && !(Tried is { Count: > 0 } tried && tried.Contains(target));
}
