namespace Gateway.Policies;

/// <summary>Where use is counted: in this process, or in a Redis that several share.</summary>
internal interface ILimitStore
{
    /// <summary>How often who waits looks for a place that came free where this process does not see it.</summary>
    TimeSpan PollInterval { get; }

    /// <summary>Takes all that is asked for, or nothing.</summary>
    /// <param name="ask">What.</param>
    /// <param name="takePlace">Whether it may run at once; false where others wait for a place before it.</param>
    /// <param name="cancellation">The client's.</param>
    ValueTask<Decision> DecideAsync(Ask ask, bool takePlace, CancellationToken cancellation);

    /// <summary>Says what was spent in a period before it was counted here; nothing happens where that is known.</summary>
    /// <param name="owner">By whom.</param>
    /// <param name="period">In which one.</param>
    /// <param name="spent">How much, or null where nobody can tell now: it is asked again soon.</param>
    ValueTask SeedAsync(Owner owner, Period period, long? spent);
}
