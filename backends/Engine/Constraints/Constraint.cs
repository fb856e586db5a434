namespace Gateway.Engine.Constraints;

/// <summary>What binds one sequence's sampling: a grammar, over the tokens of the model that samples.</summary>
/// <param name="Grammar">The language.</param>
/// <param name="Trie">The vocabulary.</param>
public sealed record Constraint(Grammar Grammar, TokenTrie Trie)
{
    /// <summary>A matcher for one sequence.</summary>
    public GrammarMatcher Matcher() => Grammar.Matcher(Trie);
}
