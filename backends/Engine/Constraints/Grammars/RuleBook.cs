namespace Gateway.Engine.Constraints.Grammars;

/// <summary>A grammar that was read: its rules by name, each name that they use among them.</summary>
/// <param name="Root">The rule that the whole text is a word of.</param>
/// <param name="Rules">All rules.</param>
/// <param name="Ignored">What may stand before each token, any number of times; null for nothing.</param>
internal sealed record RuleBook(string Root, IReadOnlyDictionary<string, Expression> Rules, Expression? Ignored);
