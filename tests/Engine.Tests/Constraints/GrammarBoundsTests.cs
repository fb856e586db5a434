using System.Diagnostics;
using Gateway.Engine.Constraints;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Grammars that are made to hang or to fill memory.</summary>
public sealed class GrammarBoundsTests
{
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(20); // on a machine that does other things as well

    public static TheoryData<string> TooMuch => ["ten million characters", "deep nesting", "deep nesting in Lark", "a circle of thousands", "half a million states"];

    public static TheoryData<string> Harmless =>
        ["counts of counts", "stars of stars", "a million", "two to the power of fifty", "nothing in two ways", "a long chain", "a hundred thousand words", "as ambiguous as can be", "thousands of alternatives"];

    [Theory, MemberData(nameof(TooMuch))]
    public void What_is_too_large_is_refused_soon(string name)
    {
        var text = name switch
        {
            "ten million characters" => "root ::= " + new string('.', 10_000_000),
            "deep nesting" => "root ::= " + new string('(', 100_000) + "\"a\"" + new string(')', 100_000),
            "deep nesting in Lark" => "start: " + new string('[', 100_000) + "\"a\"" + new string(']', 100_000),
            "a circle of thousands" => "root ::= r0\n" + string.Join("\n", Enumerable.Range(0, 5_000).Select(i => $"r{i} ::= r{(i + 1) % 5_000} \"x\" | \"y\"")),
            _ => "root ::= " + new string('.', 300_000),
        };
        var watch = Stopwatch.StartNew();
        Should.Throw<GrammarException>(() => Grammar.OfText(text)).Message.ShouldMatch("larg|long|nested");
        watch.Elapsed.ShouldBeLessThan(Bearable);
    }

    [Theory, MemberData(nameof(Harmless))]
    public void What_is_ambiguous_or_repeats_much_is_read_in_bounded_time(string name)
    {
        var (text, word, taken) = name switch
        {
            "counts of counts" => ("root ::= (((\"a\"{1000}){1000}){1000}){1000}", new string('a', 3_000), false),
            "stars of stars" => ("root ::= " + new string('(', 90) + "\"a\"" + string.Concat(Enumerable.Repeat(")+", 45)) + string.Concat(Enumerable.Repeat(")*", 45)), new string('a', 500), true),
            "a million" => ("root ::= \"a\"{0,1000000} \"b\"", new string('a', 2_000) + "b", true),
            "two to the power of fifty" => (string.Join("\n", Enumerable.Range(0, 50).Select(i => $"{(i == 0 ? "root" : $"r{i}")} ::= r{i + 1} \"x\" | r{i + 1}? \"y\"")) + "\nr50 ::= \"z\"", "zx", false),
            "nothing in two ways" => (string.Join("\n", Enumerable.Range(0, 50).Select(i => $"{(i == 0 ? "root" : $"r{i}")} ::= r{i + 1} r{i + 1}")) + "\nr50 ::= \"z\"?", "z", true),
            "a long chain" => (string.Join("\n", Enumerable.Range(0, 15_000).Select(i => $"{(i == 0 ? "root" : $"r{i}")} ::= r{i + 1}")) + "\nr15000 ::= \"z\"", "z", true),
            "a hundred thousand words" => ("root ::= " + string.Join("|", Enumerable.Range(10_000, 40_000).Select(i => $"\"{i}\"")), "49999", true),
            "as ambiguous as can be" => ("root ::= root root | root root root | \"a\" | \"\"", new string('a', 60), true),
            _ => ("root ::= " + string.Join(" | ", Enumerable.Range(0, 2_000).Select(i => $"\"item{i}\" x")) + "\nx ::= [.!]", "item1999!", true),
        };
        var watch = Stopwatch.StartNew();
        var matcher = Grammar.OfText(text).Matcher(Words.Bytes);
        var mask = new ulong[Words.Bytes.MaskWords];
        foreach (var value in word)
        {
            matcher.FillMask(mask);
            (mask[value >> 6] >> value & 1).ShouldBe(1UL);
            matcher.TryAdvance([(byte)value]).ShouldBeTrue();
        }

        matcher.IsAccepting.ShouldBe(taken);
        watch.Elapsed.ShouldBeLessThan(Bearable);
    }

    [Fact]
    public void A_thousand_choices_that_begin_alike_are_all_taken()
    {
        string[] choices = [.. Enumerable.Range(0, 1_000).Select(i => $"choice {i}")];
        var grammar = Grammar.OfChoices(choices);
        foreach (var choice in choices) grammar.Takes(choice).ShouldBeTrue();
        grammar.Takes("choice 1000").ShouldBeFalse();
    }
}
