namespace Gateway.Policies;

/// <summary>Money of one owner in the period that it is now, what is reserved included. Its owner's lock is held.</summary>
internal struct Spending
{
    /// <summary>How soon it is asked again what was spent before, where nobody could tell.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(5);

    private Period? period;
    private long? doubtedUntil;

    /// <summary>In units.</summary>
    public long Units { get; private set; }

    /// <summary>Whether what was spent before is known, or need not be asked for yet.</summary>
    public readonly bool IsKnown(Period now, long ticks) => period == now && !(ticks >= doubtedUntil);

    /// <summary>Whether there is nothing to remember of it.</summary>
    public readonly bool IsOver(DateTimeOffset time) => period is null || time >= period.Ends;

    public void Seed(Period now, long? spent, long ticks)
    {
        if (IsKnown(now, ticks)) return;
        // Between two questions it was counted here; what is recorded may be behind by what is still being written.
        Units = Math.Max(period == now ? Units : 0, spent ?? 0);
        period = now;
        doubtedUntil = spent is null ? ticks + Doubt.Ticks : null;
    }

    public void Add(Period of, long units)
    {
        if (period == of) Units = Math.Max(0, Units + units);
    }
}
