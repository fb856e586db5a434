namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>What an answer with tools may be.</summary>
/// <param name="Forced">Whether it must call.</param>
/// <param name="Parallel">Whether it may hold several calls.</param>
public sealed record ToolCallOptions(bool Forced, bool Parallel)
{
    /// <summary>What an answer without a call must be; null is free text.</summary>
    public Grammar? Content { get; init; }

    /// <summary>Names of tools that the answer may not call: where calls have no tag, text does not begin as a call of theirs.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>What may stand before everything else.</summary>
    public ThoughtForm? Thoughts { get; init; }
}
