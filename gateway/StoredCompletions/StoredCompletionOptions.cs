namespace Gateway.StoredCompletions;

/// <summary>Whether and how long chat completions are kept for callers who say <c>"store": true</c>.</summary>
public sealed record StoredCompletionOptions
{
    /// <summary>Whether a caller may have an answer kept. Prompts and answers lie in the database then.</summary>
    public bool Enabled { get; init; }

    /// <summary>Largest request and largest answer, in bytes; what is larger is answered and not kept.</summary>
    public int MaxBytesEach { get; init; } = 4 << 20;

    /// <summary>After this it is gone.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);
}
