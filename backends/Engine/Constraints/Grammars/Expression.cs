using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>The right side of a rule.</summary>
internal abstract record Expression
{
    public static readonly Expression Nothing = new Sequence([]);

    /// <summary>These characters.</summary>
    public sealed record Text(string Value) : Expression;

    /// <summary>A regular expression without anchors.</summary>
    public sealed record Matched(Pattern Pattern) : Expression;

    /// <summary>A word of another rule.</summary>
    public sealed record Name(string Value) : Expression;

    /// <summary>A terminal inside a rule: what the grammar ignores may stand before it.</summary>
    public sealed record Token(Expression Part) : Expression;

    public sealed record Sequence(IReadOnlyList<Expression> Parts) : Expression;

    public sealed record Choice(IReadOnlyList<Expression> Options) : Expression;

    /// <summary>Between two counts, both inclusive; <see cref="int.MaxValue"/> is no bound.</summary>
    public sealed record Repeat(Expression Part, int From, int To) : Expression;
}
