namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>What a stretch of text adds to a call.</summary>
/// <param name="Index">Of the call in the answer.</param>
/// <param name="Name">Set on the call's first part.</param>
/// <param name="Arguments">More of its arguments, as the text of a JSON object.</param>
public sealed record ToolCallPart(int Index, string? Name, string Arguments);
