using System.Text.Json.Nodes;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.ToolCalls;

namespace Gateway.Worker.Tools;

/// <summary>The tools of a request.</summary>
/// <param name="Shown">What the template is given; null where nothing may be called.</param>
/// <param name="Mode">Whether they are called.</param>
/// <param name="Legacy">Whether they came as <c>functions</c>, and a call goes as <c>function_call</c>.</param>
/// <param name="Custom">Names of the tools whose input is text.</param>
/// <param name="Unenforced">Keywords of schemas that do not bind, each behind the path of its schema.</param>
/// <param name="Plan">Makes the answer's plan.</param>
internal sealed record ToolSet(
    JsonArray? Shown, ToolMode Mode, bool Legacy, IReadOnlySet<string> Custom, IReadOnlyList<string> Unenforced, Func<Grammar?, ThoughtForm?, ToolCallPlan> Plan)
{
    /// <summary>Whether the answer is a call and nothing else.</summary>
    public bool Forced => Mode is ToolMode.Required or ToolMode.Named;
}
