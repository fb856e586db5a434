using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Models;
using Gateway.Routing.Balancers;

namespace Gateway.Routing;

/// <summary>The one place that says which target a call goes to.</summary>
public sealed class Router(TimeProvider time)
{
    private const int Spotted = 2; // after as many that went meanwhile, all are looked at

    [ThreadStatic]
    private static Random? chance;

    /// <summary>Takes a place at a target of the model that has not been tried; the lowest order that has one.</summary>
    public Choice Choose(PublishedModel model, long tokens, ulong prefix, IReadOnlyCollection<Target> tried)
    {
        var call = new RoutingCall(tokens, prefix, time.GetTimestamp(), tried);
        chance ??= new Random();
        foreach (var tier in model.Tiers)
            if (Choose(model.Balancer, tier, call) is { } target) return new Choice(target, NoTarget.None, TimeSpan.Zero);
        return Nobody(model.Targets, call.Now, tried);
    }

    private static Target? Choose(IBalancer balancer, Tier tier, in RoutingCall call)
    {
        if (tier.Targets is [var lone]) return call.MayAsk(lone) && lone.TryEnter(call.Tokens, call.Now) ? lone : null;
        for (var spotted = 0; spotted < Spotted && balancer.Spot(tier, call, chance!) is { } target; spotted++)
            if (target.TryEnter(call.Tokens, call.Now)) return target;
        if (!tier.IsLarge)
        {
            var few = new FewTargets();
            return ChooseOfAll(balancer, tier, call, few);
        }

        var found = ArrayPool<Target>.Shared.Rent(tier.Targets.Length);
        try
        {
            return ChooseOfAll(balancer, tier, call, found);
        }
        finally
        {
            ArrayPool<Target>.Shared.Return(found, clearArray: true);
        }
    }

    private static Target? ChooseOfAll(IBalancer balancer, Tier tier, in RoutingCall call, Span<Target> found)
    {
        var count = 0;
        foreach (var target in tier.Targets)
            if (call.MayAsk(target)) found[count++] = target;
        while (count > 0)
        {
            var target = balancer.Pick(found[..count], call, chance!);
            if (target.TryEnter(call.Tokens, call.Now)) return target;
            var at = found[..count].IndexOf(target);
            found[(at + 1)..count].CopyTo(found[at..]); // those that are left stay in their order
            count--;
        }

        return null;
    }

    // Why, and for how long: the least that any target asks for.
    private static Choice Nobody(ReadOnlySpan<Target> targets, long now, IReadOnlyCollection<Target> tried)
    {
        var wait = TimeSpan.MaxValue;
        var (limited, saturated, untried) = (true, true, false);
        foreach (var target in targets)
        {
            if (tried.Contains(target)) continue;
            untried = true;
            var (own, isLimited) = target.Health.Wait(now);
            if (own < wait) wait = own;
            limited &= isLimited;
            saturated &= target.Upstream.IsSaturated;
        }

        return !untried ? new Choice(null, NoTarget.AllTried, TimeSpan.Zero)
            : new Choice(null, limited ? NoTarget.RateLimited : saturated ? NoTarget.Saturated : NoTarget.Unhealthy, wait);
    }

    // On the stack: most models have no more.
    [InlineArray(Tier.Few)]
    private struct FewTargets
    {
        private Target first;
    }
}

/// <summary>A target with a place taken at it, or why there is none.</summary>
/// <param name="Target">To be left again.</param>
/// <param name="Reason">Why there is none.</param>
/// <param name="Wait">When there may be one.</param>
public readonly record struct Choice(Target? Target, NoTarget Reason, TimeSpan Wait);

/// <summary>Why no target can be asked.</summary>
public enum NoTarget
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>Each was tried by this call.</summary>
    AllTried,

    /// <summary>Breakers are open, or probes fail.</summary>
    Unhealthy,

    /// <summary>All asked to be left alone.</summary>
    RateLimited,

    /// <summary>All have as many calls as they take.</summary>
    Saturated,
}
