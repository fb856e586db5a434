using Gateway.Worker.Generation;

namespace Gateway.Worker.Chat;

/// <summary>What a piece adds to a choice.</summary>
/// <param name="Reasoning">More reasoning.</param>
/// <param name="Content">More content.</param>
/// <param name="Calls">More of tool calls.</param>
/// <param name="Scores">Tokens of the content.</param>
internal sealed record ChatPart(string Reasoning, string Content, IReadOnlyList<CallPart> Calls, List<AnswerToken> Scores);
