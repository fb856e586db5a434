namespace Gateway.Policies;

/// <summary>What a call wants to use.</summary>
internal sealed class Ask
{
    /// <summary>The call's id.</summary>
    public required Guid Call { get; init; }

    public required Owner Key { get; init; }

    /// <summary>What people call it.</summary>
    public string KeyName { get; init; } = "";

    /// <summary>Its team, with limits or without; null where it has none.</summary>
    public string? TeamName { get; init; }

    /// <summary>Null where its key has no team, or the team no limits.</summary>
    public required Owner? Team { get; init; }

    /// <summary>Of prompt and answer, at most.</summary>
    public required long Tokens { get; init; }

    /// <summary>What they may cost.</summary>
    public required long Cost { get; init; }

    /// <summary>What they have cost until now; null where nobody can tell.</summary>
    public Func<long>? CostSoFar { get; init; }

    /// <summary>The calendar day and month that its budgets are of; null where there are none.</summary>
    public required Periods? Periods { get; init; }

    /// <summary>Whether it waits where as many run as may.</summary>
    public required bool MayWait { get; init; }

    /// <summary>Who waits in one line: all keys of a team, or a key alone.</summary>
    public string Line => Team is { } team ? "team " + team.Id : Key.Id;
}
