using Gateway.Worker.Generation;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>What a piece adds to a choice.</summary>
/// <param name="Reasoning">More reasoning.</param>
/// <param name="Content">More content.</param>
/// <param name="Scores">Tokens of the content.</param>
/// <param name="Ids">All its tokens.</param>
internal sealed record ChatPart(string Reasoning, string Content, List<AnswerToken> Scores, List<int> Ids)
{
    /// <summary>More of tool calls.</summary>
    public List<ToolCallPart> Calls { get; init; } = [];
}
