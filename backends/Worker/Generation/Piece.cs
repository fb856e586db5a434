using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;

namespace Gateway.Worker.Generation;

/// <summary>A stretch of one choice that may leave: what chunks are made of, and what the plain answer folds.</summary>
/// <param name="Choice">Index of the choice.</param>
/// <param name="Text">Whole characters, no part of a stop string; empty on some last pieces.</param>
/// <param name="Scores">Log-probabilities of the tokens behind the text, when asked for.</param>
/// <param name="Finish">Set on a choice's last piece.</param>
/// <param name="Tokens">Tokens generated since the choice's previous piece.</param>
/// <param name="CachedTokens">Prompt tokens that the prefix cache answered; on the first piece.</param>
/// <param name="Prompt">Scores of the prompt; on the first piece, when asked for.</param>
internal readonly record struct Piece(
    int Choice,
    string Text,
    IReadOnlyList<ScoredToken> Scores,
    FinishReason? Finish,
    int Tokens,
    int CachedTokens,
    IReadOnlyList<TokenLogProbs?>? Prompt);

/// <summary>A token's score and where its text starts and ends, in characters of the answer.</summary>
internal readonly record struct ScoredToken(TokenLogProbs LogProbs, int Start, int End);
