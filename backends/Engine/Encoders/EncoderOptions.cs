namespace Gateway.Engine.Encoders;

/// <summary>Bounds of an <see cref="EncoderBackend"/>.</summary>
public sealed record EncoderOptions
{
    /// <summary>Tokens of a step, or null for what suits the runner's device.</summary>
    public int? MaxStepTokens { get; init; }

    /// <summary>Texts of a step.</summary>
    public int MaxStepTexts { get; init; } = 256;

    /// <summary>Most texts that wait; a call that would exceed it is refused whole.</summary>
    public int InboxCapacity { get; init; } = 8192;
}
