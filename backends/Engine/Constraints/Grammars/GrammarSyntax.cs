namespace Gateway.Engine.Constraints.Grammars;

/// <summary>How a grammar is written down.</summary>
public enum GrammarSyntax
{
    /// <summary><c>root ::= …</c>, as llama.cpp and XGrammar read it.</summary>
    Gbnf,

    /// <summary><c>start: …</c>, as Lark reads it.</summary>
    Lark,

    /// <summary>One regular expression, which matches the whole text.</summary>
    Regex,
}
