namespace Gateway.Worker.Tools;

/// <summary>Which tools an answer may or must call.</summary>
/// <param name="Mode">Whether it may, must or must not call.</param>
/// <param name="Names">The tools that may be called; null is all of them.</param>
internal sealed record ToolChoice(ToolMode Mode, IReadOnlyList<string>? Names = null);

/// <summary>Whether an answer calls.</summary>
internal enum ToolMode
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>As the model likes.</summary>
    Auto,

    /// <summary>One tool or more.</summary>
    Required,

    /// <summary>Exactly the one that was named; the live service's finish reason is then <c>stop</c>.</summary>
    Named,
}
