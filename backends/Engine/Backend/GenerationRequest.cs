using System.Collections.Immutable;
using Gateway.Engine.Constraints;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Backend;

/// <summary>One sequence to generate. Already valid, already tokens: the edge that made it has checked every range.</summary>
/// <param name="Prompt">Token ids, at least one, fewer than the context.</param>
/// <param name="Sampling">How the next token is chosen.</param>
/// <param name="MaxNewTokens">Most tokens to generate, 0 for scoring the prompt only; prompt and answer fit the context.</param>
/// <param name="EndTokens">Ids that end the sequence with <see cref="FinishReason.Stop"/>; the ending token is the last event.</param>
/// <param name="PromptLogProbs">Number of alternatives to report for each prompt token (<c>echo</c> with <c>logprobs</c>), or null for none.</param>
public sealed record GenerationRequest(
    ReadOnlyMemory<int> Prompt,
    SamplingOptions Sampling,
    int MaxNewTokens,
    ImmutableArray<int> EndTokens,
    int? PromptLogProbs = null)
{
    /// <summary>What the answer must be a word of; it ends with <see cref="FinishReason.Stop"/> when nothing can follow. Null for free text.</summary>
    public Constraint? Constraint { get; init; }

    /// <summary>On the first candidate of a prompt how many there are, for who counts them; null on the others.</summary>
    public int? Candidates { get; init; } = 1;
}

/// <summary>Why a sequence ended.</summary>
public enum FinishReason
{
    /// <summary>An end token was sampled.</summary>
    Stop,

    /// <summary><see cref="GenerationRequest.MaxNewTokens"/> or the context was reached.</summary>
    Length,
}

/// <summary>One step of one sequence.</summary>
/// <param name="Token">The new token, or −1 when there is none (a prompt that was only scored).</param>
/// <param name="LogProbs">Present when the request asked for log-probabilities.</param>
/// <param name="Finish">Set on the last event of a sequence. With <see cref="FinishReason.Stop"/> the token is an end token, not text.</param>
/// <param name="CachedTokens">Prompt tokens that the prefix cache answered; set on the first event.</param>
/// <param name="Prompt">On the first event, when asked for: one entry for each prompt token, the first of them null.</param>
public readonly record struct TokenEvent(
    int Token,
    TokenLogProbs? LogProbs = null,
    FinishReason? Finish = null,
    int CachedTokens = 0,
    IReadOnlyList<TokenLogProbs?>? Prompt = null)
{
    /// <summary>On the first event: from the request's arrival to the first step that computed any of it.</summary>
    public TimeSpan Waited { get; init; }
}
