namespace Gateway.Policies;

/// <summary>How much a key, or a team of keys together, may use; null for no bound.</summary>
public record CallerLimits
{
    /// <summary>No bound at all.</summary>
    public static CallerLimits None { get; } = new();

    /// <summary>Calls within any sixty seconds.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Calls within any twenty-four hours.</summary>
    public int? RequestsPerDay { get; init; }

    /// <summary>Tokens, read and made, within any sixty seconds.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Tokens, read and made, within any twenty-four hours.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>Calls that run at once.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>How long a call waits for one of those places before it is refused.</summary>
    public TimeSpan QueueTimeout { get; init; }

    /// <summary>Who waits is served by this first, higher ones sooner; among equals keys take turns.</summary>
    public int Priority { get; init; }

    /// <summary>Money for a calendar day.</summary>
    public decimal? BudgetPerDay { get; init; }

    /// <summary>Money for a calendar month.</summary>
    public decimal? BudgetPerMonth { get; init; }

    /// <summary>Without what a record that has more keeps beside them.</summary>
    public CallerLimits Only() => new(this);

    internal bool CountsMinutes => RequestsPerMinute is not null || TokensPerMinute is not null;

    internal bool CountsDays => RequestsPerDay is not null || TokensPerDay is not null;

    internal bool CountsMoney => BudgetPerDay is not null || BudgetPerMonth is not null;

    internal bool Bounds => CountsMinutes || CountsDays || CountsMoney || MaxConcurrent is not null;
}
