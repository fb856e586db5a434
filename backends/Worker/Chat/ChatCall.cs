using System.Collections.Immutable;
using Gateway.Engine.Backend;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary>A chat request that is valid: nothing after this checks a range.</summary>
internal sealed record ChatCall(
    GenerationRequest Request, int Choices, ImmutableArray<string> Stops, StreamOptions Streaming, bool LogProbs, string ServiceTier)
{
    /// <summary>One request for each choice; a seed gives each its own.</summary>
    public IReadOnlyList<GenerationRequest> Requests() => [.. Enumerable.Range(0, Choices).Select(i =>
        Request with { Sampling = Request.Sampling with { Seed = Request.Sampling.Seed is { } seed ? unchecked(seed + i) : null } })];
}
