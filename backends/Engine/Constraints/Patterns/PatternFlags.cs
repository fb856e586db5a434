namespace Gateway.Engine.Constraints.Patterns;

/// <summary>How a pattern is read, beyond its text.</summary>
[Flags]
internal enum PatternFlags
{
    None = 0,

    IgnoreCase = 1,

    /// <summary>A dot matches line breaks too.</summary>
    DotAll = 2,

    /// <summary>White space and comments in the pattern mean nothing.</summary>
    Extended = 4,

    /// <summary>
    /// Written for Python or Rust: lone brackets and <c>(?P&lt;name&gt;…)</c> are taken, and classes of letters, digits and white space hold only
    /// what they hold in all of these languages.
    /// </summary>
    Borrowed = 8,
}
