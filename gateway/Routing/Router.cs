using System.Buffers;
using Gateway.Models;

namespace Gateway.Routing;

/// <summary>The one place that says which target a call goes to.</summary>
public sealed class Router(TimeProvider time)
{
    private const int Sampled = 32;

    [ThreadStatic]
    private static Random? chance;

    /// <summary>Takes a place at a target of the model that has not been tried; the lowest order that has one.</summary>
    public Choice Choose(PublishedModel model, long tokens, ulong prefix, IReadOnlyCollection<Target> tried)
    {
        var targets = model.Targets;
        var call = new RoutingCall(tokens, prefix, time.GetTimestamp());
        chance ??= new Random();
        if (targets.Length == 1) return Lone(targets[0], call, tried);
        var found = ArrayPool<Target>.Shared.Rent(targets.Length);
        try
        {
            for (var start = 0; start < targets.Length;)
            {
                var end = start + 1;
                while (end < targets.Length && targets[end].Order == targets[start].Order) end++;
                if (Choose(model, targets.AsSpan(start..end), call, tried, found) is { } target) return new Choice(target, NoTarget.None, TimeSpan.Zero);
                start = end;
            }
        }
        finally
        {
            ArrayPool<Target>.Shared.Return(found, clearArray: true);
        }

        return Nobody(targets, call.Now, tried);
    }

    private static Target? Choose(PublishedModel model, Span<Target> targets, in RoutingCall call, IReadOnlyCollection<Target> tried, Target[] found)
    {
        // Of very many, a few at random are as good as all.
        var count = model.Balancer.Samples && targets.Length > Sampled ? Sample(targets, call, tried, found) : 0;
        if (count == 0)
            foreach (var target in targets)
                if (target.IsAvailable(call.Now) && !tried.Contains(target)) found[count++] = target;
        while (count > 0)
        {
            var target = model.Balancer.Pick(found.AsSpan(0, count), call, chance!);
            if (target.TryEnter(call.Tokens, call.Now)) return target;
            var at = Array.IndexOf(found, target, 0, count);
            Array.Copy(found, at + 1, found, at, --count - at);
        }

        return null;
    }

    private static int Sample(Span<Target> targets, in RoutingCall call, IReadOnlyCollection<Target> tried, Target[] found)
    {
        var count = 0;
        for (var draws = 0; draws < Sampled; draws++)
        {
            var target = targets[chance!.Next(targets.Length)];
            if (target.IsAvailable(call.Now) && !tried.Contains(target) && Array.IndexOf(found, target, 0, count) < 0) found[count++] = target;
        }

        return count;
    }

    private static Choice Lone(Target target, in RoutingCall call, IReadOnlyCollection<Target> tried) =>
        !tried.Contains(target) && target.IsAvailable(call.Now) && target.TryEnter(call.Tokens, call.Now)
            ? new Choice(target, NoTarget.None, TimeSpan.Zero) : Nobody([target], call.Now, tried);

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
