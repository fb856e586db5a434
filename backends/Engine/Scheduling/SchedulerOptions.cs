using Gateway.Engine.Runner;

namespace Gateway.Engine.Scheduling;

/// <summary>Bounds of a step.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Most tokens computed in one step. Longer prompts come in several steps while the others go on.</summary>
    public int StepTokens { get; init; } = 512;

    /// <summary>Most sequences that own cache blocks; at most <see cref="StepTokens"/>, so that each may decode in every step.</summary>
    public int MaxRunning { get; init; } = 64;

    /// <summary>Most rows of logits that one sequence's prompt scoring takes in a step.</summary>
    public int ScoringRows { get; init; } = 64;

    /// <summary>Set where the keys of a sequence depend on how long it is.</summary>
    public LengthScaling? Scaling { get; init; }
}
