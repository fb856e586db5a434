namespace Gateway.Usage;

/// <summary>Whether and how long it is kept what calls used.</summary>
public sealed record UsageOptions
{
    /// <summary>The shortest time: budgets look a calendar month back.</summary>
    public static readonly TimeSpan ShortestKept = TimeSpan.FromDays(32);

    /// <summary>Whether each call leaves a row in the database. No row holds anything of what was asked or answered.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>After this a row is deleted.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Where rows wait that the database does not take now; beside SQLite's file, else in the working directory, where absent.</summary>
    public string? SpillFolder { get; init; }
}
