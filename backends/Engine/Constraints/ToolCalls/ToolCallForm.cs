namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>
/// How a family writes calls: <c>Tag Begin (BeforeName name BeforeArguments arguments AfterArguments) (Separator …)* Close</c>. Grammars are
/// written and answers are read from these same texts.
/// </summary>
/// <param name="Name">Of the form, for people.</param>
/// <param name="Style">How arguments are written.</param>
/// <param name="BeforeArguments">From a name to its arguments; begins with something that no name has in it.</param>
public sealed record ToolCallForm(string Name, ArgumentStyle Style, string BeforeArguments)
{
    /// <summary>Opens calls anywhere in an answer and stands in it for nothing else; null where there is none.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether calls may also stand at the very start of an answer without their tag.</summary>
    public bool Bare { get; init; }

    /// <summary>Once, after the tag.</summary>
    public string Begin { get; init; } = "";

    /// <summary>From there, or from a separator, to a function's name.</summary>
    public string BeforeName { get; init; } = "";

    /// <summary>Between a name and what comes before its arguments there may be this, and an id of nine letters and digits; null where there is none.</summary>
    public string? IdTag { get; init; }

    /// <summary>Ends one call.</summary>
    public string AfterArguments { get; init; } = "";

    /// <summary>Between two calls; null where an answer has only one.</summary>
    public string? Separator { get; init; }

    /// <summary>After the last call.</summary>
    public string Close { get; init; } = "";

    /// <summary>What opens calls without their tag: as much of a call as leaves no doubt that it is one.</summary>
    internal IReadOnlyList<string> BareHeads(IEnumerable<string> names) => Bare && BeforeName.Length > 0 ? [Begin + BeforeName] : FullHeads(names);

    /// <summary>Calls without their tag, up to their arguments.</summary>
    internal IReadOnlyList<string> FullHeads(IEnumerable<string> names) => Bare ? [.. names.Select(name => Begin + BeforeName + name + BeforeArguments)] : [];

    /// <summary>All fixed texts of calls.</summary>
    public IEnumerable<string> Markup => new[] { Tag, Begin, BeforeName, IdTag, BeforeArguments, AfterArguments, Separator, Close }.OfType<string>().Where(static text => text.Length > 0);

    internal const int IdLength = 9;

    internal static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
