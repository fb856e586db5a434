namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>How the arguments of a call are written.</summary>
public enum ArgumentStyle
{
    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>Keyword arguments of Python, <c>a=1, b="x"</c>; values as JSON spells them, but <c>True</c>, <c>False</c> and <c>None</c> are read too.</summary>
    Python,

    /// <summary><c>&lt;parameter=a&gt;</c>, a line with the value, <c>&lt;/parameter&gt;</c>; texts stand bare, other values as JSON.</summary>
    Tagged,
}
