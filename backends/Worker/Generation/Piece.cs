using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;

namespace Gateway.Worker.Generation;

/// <summary>A stretch of one choice that may leave: what chunks are made of, and what the plain answer folds.</summary>
/// <param name="Choice">Index of the choice.</param>
/// <param name="Text">Whole characters, no part of a stop string; empty on some last pieces.</param>
/// <param name="Released">The tokens behind the text; on the last piece also the end token, which has no text and no scores.</param>
/// <param name="Finish">Set on a choice's last piece.</param>
/// <param name="Tokens">Tokens generated since the choice's previous piece.</param>
/// <param name="CachedTokens">Prompt tokens that the prefix cache answered; on the first piece.</param>
/// <param name="Prompt">Scores of the prompt; on the first piece, when asked for.</param>
internal readonly record struct Piece(
    int Choice,
    string Text,
    IReadOnlyList<AnswerToken> Released,
    FinishReason? Finish,
    int Tokens,
    int CachedTokens,
    IReadOnlyList<TokenLogProbs?>? Prompt);
