namespace Gateway.ResponseCache;

/// <summary>Answers kept for the very same question.</summary>
public sealed record CacheOptions
{
    public const string OfKey = "key";
    public const string OfTeam = "team";
    public const string OfAll = "all";
    public const string InMemory = "memory";
    public const string InRedis = "redis";

    /// <summary>Off until it is asked for: a caller who samples expects a new answer each time.</summary>
    public bool Enabled { get; init; }

    /// <summary>How long an answer may be given again.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Who shares answers: calls of one <c>key</c>, of one <c>team</c>, or <c>all</c>.</summary>
    public string Scope { get; init; } = OfKey;

    /// <summary>Where they are: in the <c>memory</c> of each gateway, or in the <c>redis</c> that all have in common. Read at start.</summary>
    public string Store { get; init; } = InMemory;

    /// <summary>Memory for all of them; who was not asked for longest goes first. Read at start.</summary>
    public long MaxBytes { get; init; } = 256L << 20;

    /// <summary>An answer that is larger is not kept.</summary>
    public int MaxEntryBytes { get; init; } = 1 << 20;
}
