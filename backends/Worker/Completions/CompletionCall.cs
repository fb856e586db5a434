using Gateway.Engine.Backend;

namespace Gateway.Worker.Completions;

/// <summary>A legacy completion request that is valid.</summary>
/// <param name="Prompts">Each prompt's ids, and its text where it comes back.</param>
/// <param name="Requests">Prompt by prompt, choice by choice: index p · n + i.</param>
/// <param name="Choices"><c>n</c>.</param>
/// <param name="BestOf">Candidates made for each prompt, of which the <c>n</c> likeliest are returned.</param>
/// <param name="Stops">Texts that end an answer.</param>
/// <param name="Stream">Whether events are asked for.</param>
/// <param name="IncludeUsage">Whether the stream ends in usage.</param>
/// <param name="LogProbs">Alternatives for each token, or null.</param>
/// <param name="Echo">Whether the prompt comes back.</param>
internal sealed record CompletionCall(
    IReadOnlyList<int[]> Prompts, IReadOnlyList<GenerationRequest> Requests, int Choices, int BestOf, IReadOnlyList<string> Stops, bool Stream, bool IncludeUsage, int? LogProbs, bool Echo);
