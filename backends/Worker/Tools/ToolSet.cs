using System.Text.Json.Nodes;
using Gateway.Engine.Constraints;

namespace Gateway.Worker.Tools;

/// <summary>The tools of a request, as they bind its answer.</summary>
/// <param name="Shown">What the template is given; null where the choice is <c>none</c>.</param>
/// <param name="Form">How the model writes a call.</param>
/// <param name="Grammar">Calls as they may be written, and the text around them.</param>
/// <param name="Forced">Whether the answer is a call and nothing else.</param>
/// <param name="Unenforced">Parameters whose schemas could not be enforced and are any object instead, by path.</param>
internal sealed record ToolSet(JsonArray? Shown, ToolCallForm Form, Func<Grammar> Grammar, bool Forced, IReadOnlyList<string> Unenforced);
