using Gateway.Engine.Constraints.ToolCalls;

namespace Gateway.Worker.Tools;

/// <summary>How a model is told of tools, and how it calls them.</summary>
/// <param name="Form">How it writes calls.</param>
internal sealed record ToolFamily(ToolCallForm Form)
{
    /// <summary>Whether the template has no place for tools, so that they are described in a system message and calls and results are text.</summary>
    public bool Prompted { get; init; }

    /// <summary>Whether the template takes only ids of nine letters and digits.</summary>
    public bool ShortIds { get; init; }

    /// <summary>Whether the template walks through arguments, so that they have to be an object.</summary>
    public bool NeedsObjects { get; init; }
}
