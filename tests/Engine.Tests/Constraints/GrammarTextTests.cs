using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.Grammars;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Grammars as people write them: which texts they take, and what is said of those that are none.</summary>
public sealed class GrammarTextTests
{
    public static TheoryData<string> Tables => [.. GrammarTexts.Tables.Keys];

    [Theory, MemberData(nameof(Tables))]
    public void A_grammar_takes_its_words_and_no_others(string name)
    {
        var (text, words, others) = GrammarTexts.Tables[name];
        var grammar = Grammar.OfText(text);
        foreach (var word in words) grammar.Takes(word).ShouldBeTrue($"'{word}' is a word");
        foreach (var other in others) grammar.Takes(other).ShouldBeFalse($"'{other}' is no word");
    }

    [Theory]
    [InlineData("", "'start'")]
    [InlineData("root ::= ", null)]
    [InlineData("a ::= \"x\"", "'root'")]
    [InlineData("root ::= a", "Line 1, column 10: there is no rule 'a'")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "Line 2, column 1: the rule 'root' is defined twice")]
    [InlineData("root ::= \"a", "Line 1, column 12: a closing '\"' was expected, not the end of the grammar")]
    [InlineData("root ::= (\"a\"\n", "Line 2, column 1: ')' was expected")]
    [InlineData("root ::= \"a\" )", "Line 1, column 14: the name of a rule was expected, not ')'")]
    [InlineData("root ::= \"\\q\"", "Line 1, column 11: an unknown escape '\\q'")]
    [InlineData("root ::= \"\\x4\"", "2 hexadecimal digits")]
    [InlineData("root ::= \"\\uD800\"", "no code point")]
    [InlineData("root ::= [z-a]", "out of order")]
    [InlineData("root ::= []", "no characters")]
    [InlineData("root ::= [a", "a closing ']'")]
    [InlineData("root ::= \"a\"{3,1}", "out of order")]
    [InlineData("root ::= \"a\"{x}", "a number was expected, not 'x'")]
    [InlineData("root ::= \"a\"{99999999999}", "1,000,000,000")]
    [InlineData("root ::= *", "a rule's name")]
    [InlineData("root ::= <|end|>", "not '<'")]
    [InlineData("root ::= \"a\" root", "Nothing satisfies it.")]
    [InlineData("root ::= root | a\na ::= root a", "Nothing satisfies it.")]
    [InlineData("start: x", "Line 1, column 8: there is no rule 'x'")]
    [InlineData("start: \"a\"\nstart: \"b\"", "twice")]
    [InlineData("start: \"a\" ->", "alias")]
    [InlineData("start: \"a", "a closing '\"'")]
    [InlineData("start: /a", "a closing '/'")]
    [InlineData("start: /(/", "Line 1, column 8: The pattern has a group")]
    [InlineData("start: /a/l", "the flag 'l'")]
    [InlineData("start: /^a/", "an anchor")]
    [InlineData("start: /(?=a)a/", "look-ahead")]
    [InlineData("start: \"\\q\"", "escape")]
    [InlineData("start: \"ab\"..\"c\"", "one character")]
    [InlineData("start: \"b\"..\"a\"", "out of order")]
    [InlineData("start: \"a\" ~ 3..2", "out of order")]
    [InlineData("start: [\"a\"", "']' was expected")]
    [InlineData("start: A\nA: b\nb: \"c\"", "a terminal cannot be made of the rule 'b'")]
    [InlineData("start: A\n%import common.NOPE", "'NOPE'")]
    [InlineData("start: A\n%import other.A", "'common'")]
    [InlineData("start: A\n%declare A", "'%declare'")]
    [InlineData("start: pair{\"a\"}\npair{x}: x x", "templates")]
    [InlineData("start \"a\"", "':' was expected")]
    [InlineData("start: start \"a\"", "Nothing satisfies it.")]
    public void What_is_no_grammar_is_refused_with_its_place(string text, string? message)
    {
        // An empty right side is the empty text.
        if (message is null) Grammar.OfText(text).Takes("").ShouldBeTrue();
        else Should.Throw<GrammarException>(() => Grammar.OfText(text)).Message.ShouldContain(message);
    }
}
