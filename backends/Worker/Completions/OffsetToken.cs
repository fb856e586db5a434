using Gateway.Engine.Sampling;

namespace Gateway.Worker.Completions;

/// <summary>A token with its score and where its text starts, in characters from the start of the prompt.</summary>
internal readonly record struct OffsetToken(int Id, TokenLogProbs? Scores, int Offset);
