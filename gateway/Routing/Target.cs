namespace Gateway.Routing;

/// <summary>A model as one upstream serves it, and what is known of it.</summary>
public sealed class Target(Upstream upstream, string? model, double weight, int order, TargetHealth health)
{
    private long work;

    /// <summary>Where.</summary>
    public Upstream Upstream { get; } = upstream;

    /// <summary>Its name there; null for the name that the caller used.</summary>
    public string? Model { get; } = model;

    /// <summary>Its share among targets of the same order.</summary>
    public double Weight { get; } = weight;

    /// <summary>Lower ones are asked first.</summary>
    public int Order { get; } = order;

    /// <summary>Its breaker, and how long it takes.</summary>
    public TargetHealth Health { get; } = health;

    /// <summary>Whether it answered 400 to the option that asks for usage.</summary>
    public bool RefusesUsage { get; set; }

    /// <summary>Where its attempts are counted; null before the first that ended.</summary>
    public Tally? Tally { get; set; }

    /// <summary>Tokens of the attempts that run now: of their prompts, and those that their answers may have.</summary>
    public long Work => Volatile.Read(ref work);

    /// <summary>Where it stands in a hash ring; the same in every replica.</summary>
    internal ulong Hash { get; } = StableHash.Of($"{upstream.Name}\n{model}");

    /// <summary>Whether it may be asked now.</summary>
    public bool IsAvailable(long now) => Upstream.IsUp && !Upstream.IsSaturated && Health.IsAvailable(now);

    /// <summary>Its weight now: less than its share while it comes back.</summary>
    public double EffectiveWeight(long now) => Weight * Health.Warmth(now);

    /// <summary>Takes a place for an attempt; false when it went meanwhile.</summary>
    public bool TryEnter(long tokens, long now)
    {
        if (!Upstream.TryEnter()) return false;
        if (!Health.TryEnter(now))
        {
            Upstream.Leave();
            return false;
        }

        Interlocked.Add(ref work, tokens);
        return true;
    }

    /// <summary>Gives a place back at which nothing was asked, or whose caller left.</summary>
    public void Abandon(long tokens)
    {
        Health.Abandoned();
        Leave(tokens);
    }

    /// <summary>Gives the place back.</summary>
    public void Leave(long tokens)
    {
        Interlocked.Add(ref work, -tokens);
        Upstream.Leave();
    }
}
