using System.Collections.Immutable;
using Gateway.Engine.Backend;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary>A legacy completion request that is valid.</summary>
/// <param name="Requests">One for each prompt.</param>
/// <param name="Echoes">What <c>echo</c> sends before the answer, one for each prompt; empty when it is off.</param>
/// <param name="Choices"><c>n</c>: choices for each prompt.</param>
/// <param name="BestOf">Candidates made for each prompt, of which the likeliest <c>n</c> are given.</param>
internal sealed record CompletionCall(
    ImmutableArray<GenerationRequest> Requests,
    ImmutableArray<string> Echoes,
    int Choices,
    int BestOf,
    ImmutableArray<string> Stops,
    StreamOptions Streaming,
    int? LogProbs)
{
    public int PromptTokens => Requests.Sum(request => request.Prompt.Length);

    public bool Echo => !Echoes.IsEmpty;

    /// <summary>Every candidate of every prompt, prompt by prompt.</summary>
    public IReadOnlyList<GenerationRequest> All() => [.. Requests.SelectMany(request => Enumerable.Range(0, BestOf).Select(i =>
        request with { Sampling = request.Sampling with { Seed = request.Sampling.Seed is { } seed ? unchecked(seed + i) : null } }))];
}
