using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Backend;

/// <summary>Bounds of a <see cref="BatchingBackend"/>.</summary>
public sealed record BatchingOptions
{
    /// <summary>Bounds of a step.</summary>
    public SchedulerOptions Scheduler { get; init; } = new();

    /// <summary>Most sequences that wait for their first step; one more is refused.</summary>
    public int InboxCapacity { get; init; } = 256;

    /// <summary>Where sequences without a seed of their own take theirs from.</summary>
    public long Seed { get; init; }
}
