using Gateway.Engine.Backend;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Worker.Requests;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>A chat request that is valid: nothing after this checks a range.</summary>
/// <param name="Request">Prompt and sampling of every choice.</param>
/// <param name="Answer">How many choices, and how they travel.</param>
/// <param name="Thinking">How this answer's reasoning is told from its content; null for a model that does not reason aloud.</param>
/// <param name="LogProbs">Whether log-probabilities are reported.</param>
/// <param name="ServiceTier">As the answer says it.</param>
internal sealed record ChatCall(GenerationRequest Request, AnswerOptions Answer, Thinking? Thinking, bool LogProbs, string ServiceTier)
{
    /// <summary>The tools of the request; null where there are none.</summary>
    public ToolSet? Tools { get; init; }

    /// <summary>How calls stand in the answer; null where none can.</summary>
    public ToolCallPlan? Plan { get; init; }
}
