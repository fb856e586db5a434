using Gateway.Engine.Sampling;

namespace Gateway.Worker.Generation;

/// <summary>A token of an answer, its scores when asked for, and where its text starts and ends in characters of the answer.</summary>
internal readonly record struct AnswerToken(int Id, TokenLogProbs? Scores, int Start, int End);
