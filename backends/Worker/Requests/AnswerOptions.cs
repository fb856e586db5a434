using System.Collections.Immutable;
using Gateway.Engine.Backend;

namespace Gateway.Worker.Requests;

/// <summary>How many answers there are, where they stop and how they travel: what chat and completions share beyond sampling.</summary>
/// <param name="Choices"><c>n</c>: answers given for each prompt.</param>
/// <param name="Candidates">Answers made for each prompt, of which the likeliest are given.</param>
/// <param name="Beams">Set when the answers are those of a beam search.</param>
/// <param name="Stops">Texts that end an answer.</param>
/// <param name="Streaming">How the answer travels.</param>
/// <param name="SkipSpecialTokens">Whether special tokens are left out of the text.</param>
/// <param name="ReturnTokenIds">Whether prompt and answer come as token ids too.</param>
internal sealed record AnswerOptions(
    int Choices,
    int Candidates,
    BeamOptions? Beams,
    ImmutableArray<string> Stops,
    StreamOptions Streaming,
    bool SkipSpecialTokens,
    bool ReturnTokenIds)
{
    /// <summary>Whether candidates have to be compared.</summary>
    public bool Ranks => Candidates > Choices;
}
