namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>How a model writes thoughts before an answer.</summary>
/// <param name="Open">Before them.</param>
/// <param name="Close">After them; never part of them.</param>
/// <param name="Headers">Markup that may stand between them and the answer.</param>
/// <param name="Begun">Whether the prompt has opened them already.</param>
public sealed record ThoughtForm(string Open, string Close, IReadOnlyList<string> Headers, bool Begun);
