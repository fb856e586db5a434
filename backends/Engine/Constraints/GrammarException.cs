namespace Gateway.Engine.Constraints;

/// <summary>A grammar, regular expression or schema that cannot be enforced: the caller's mistake, HTTP 400.</summary>
public class GrammarException : Exception
{
    /// <param name="message">What is wrong, in a sentence that may be shown to the caller.</param>
    /// <param name="line">1-based line in a grammar's text, 0 where there is none.</param>
    /// <param name="column">1-based column.</param>
    public GrammarException(string message, int line = 0, int column = 0)
        : base(line > 0 ? $"Line {line}, column {column}: {message}" : message) => (Line, Column) = (line, column);

    /// <summary>1-based line in a grammar's text, 0 where there is none.</summary>
    public int Line { get; }

    /// <summary>1-based column in a grammar's text, 0 where there is none.</summary>
    public int Column { get; }
}
