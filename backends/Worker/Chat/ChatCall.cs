using Gateway.Engine.Backend;

namespace Gateway.Worker.Chat;

/// <summary>A chat request that is valid.</summary>
/// <param name="Requests">One for each choice.</param>
/// <param name="Stops">Texts that end an answer.</param>
/// <param name="Stream">Whether chunks are asked for.</param>
/// <param name="IncludeUsage">Whether the stream ends in usage.</param>
/// <param name="LogProbs">Whether log-probabilities are reported.</param>
/// <param name="ServiceTier">Echoed.</param>
internal sealed record ChatCall(IReadOnlyList<GenerationRequest> Requests, IReadOnlyList<string> Stops, bool Stream, bool IncludeUsage, bool LogProbs, string? ServiceTier);
