namespace Gateway.Engine.Constraints.Grammars;

/// <summary>The rules of a grammar while it is read: each is defined once, and what is used must be defined.</summary>
internal sealed class RuleNames(TextCursor cursor)
{
    public const int MostNesting = 100;

    private readonly Dictionary<string, Expression> rules = [];
    private readonly Dictionary<string, int> used = []; // name → first place

    public bool Defines(string name) => rules.ContainsKey(name);

    public void Define(string name, Expression expression, int at)
    {
        if (!rules.TryAdd(name, expression)) throw cursor.Wrong($"the rule '{name}' is defined twice.", at);
    }

    public Expression.Name Use(string name, int at)
    {
        used.TryAdd(name, at);
        return new Expression.Name(name);
    }

    public RuleBook Book(string root, Expression? ignored)
    {
        foreach (var (name, at) in used.OrderBy(static use => use.Value))
            if (!rules.ContainsKey(name)) throw cursor.Wrong($"there is no rule '{name}'.", at);
        if (!rules.ContainsKey(root)) throw new GrammarException($"There is no rule '{root}', with which the grammar begins.");
        return new RuleBook(root, rules, ignored);
    }
}
