using System.Collections.Immutable;
using Gateway.Engine.Backend;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary>A legacy completion request that is valid.</summary>
/// <param name="Requests">One for each prompt.</param>
/// <param name="Echoes">What <c>echo</c> sends before the answer, one for each prompt; empty when it is off.</param>
/// <param name="Answer">How many choices for each prompt, and how they travel.</param>
/// <param name="LogProbs">Alternatives reported with each token; null reports nothing.</param>
internal sealed record CompletionCall(ImmutableArray<GenerationRequest> Requests, ImmutableArray<string> Echoes, AnswerOptions Answer, int? LogProbs)
{
    public int PromptTokens => Requests.Sum(request => request.Prompt.Length);

    public bool Echo => !Echoes.IsEmpty;
}
