using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Engine.Constraints;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Regular expressions: held to .NET's on random patterns, to the standard on what .NET reads otherwise.</summary>
public sealed class PatternTests
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 5).SelectMany(length =>
        Enumerable.Range(0, 1 << length).Select(bits => string.Concat(Enumerable.Range(0, length).Select(at => (bits >> at & 1) == 0 ? 'a' : 'b'))))];

    [Fact]
    public void Random_patterns_match_what_dotnet_matches_as_a_whole_and_anywhere()
    {
        var anchors = 0;
        // Seed 371 makes (?:(^)+?|(?:(?:a){1,}){0})^, on which .NET itself does not come back.
        for (var seed = 0; seed < 300; seed++)
        {
            var pattern = Make(new Random(seed), 3);
            if (pattern.AsSpan().IndexOfAny('^', '$') >= 0) anchors++;
            var whole = TryCompile(() => Grammar.OfPattern(pattern));
            var anywhere = TryCompile(() => Anywhere(pattern));
            foreach (var text in Texts)
            {
                (whole?.Takes(text) ?? false).ShouldBe(Regex.IsMatch(text, $"^(?:{pattern})$"), $"'{pattern}' whole '{text}'");
                (anywhere?.Takes($"\"{text}\"") ?? false).ShouldBe(Regex.IsMatch(text, pattern), $"'{pattern}' in '{text}'");
            }
        }

        anchors.ShouldBeGreaterThan(60);
    }

    [Theory]
    [InlineData(@"\p{Lu}\p{Ll}+", "Élan", "élan")]
    [InlineData(@"\p{L}\P{L}[\p{Nd}_]", "я-٣", "яя1")]
    [InlineData(@"[^\p{L}]", "1", "é")]
    [InlineData(@"\p{Script=Greek}\p{sc=Cyrl}\p{Script=Han}", "αж漢", "aж漢")]
    [InlineData(@"\p{General_Category=Uppercase_Letter}\p{gc=Sc}\p{Letter}", "A€é", "a€é")]
    [InlineData(@"\p{ASCII}\p{White_Space}\p{Any}\p{AHex}", "~\u2003😀f", "é 😀f")]
    [InlineData(@"\cJ\x41\u{1F600}\uD83D\uDE00", "\nA😀😀", "JA😀😀")]
    [InlineData(@"(?<year>[0-9]{4}?)-(?:[0-9]{2})??", "2024-", "2024-1")]
    [InlineData(@"(?i:str)a(?-i:b)", "STRab", "STRAb")]
    [InlineData(@"(?i:[^a]\u212a)", "bK", "AK")]
    [InlineData(@".[^][^\n]", "a\n\r", "\na\r")]
    public void The_standard_decides_what_a_class_holds(string pattern, string word, string other)
    {
        Grammar.OfPattern(pattern).Takes(word).ShouldBeTrue();
        Grammar.OfPattern(pattern).Takes(other).ShouldBeFalse();
    }

    [Theory]
    [InlineData(@"\p{Nope}", "'Nope'")]
    [InlineData(@"\p{Script=Klingon}", "Klingon")]
    [InlineData(@"\pL", "without a name")]
    [InlineData(@"\p{L", "does not end")]
    [InlineData(@"(?<a>b)\k<a>", "back-reference")]
    [InlineData(@"a\b", "word boundary")]
    [InlineData(@"(?<!a)b", "look-behind")]
    [InlineData(@"(?m:^a)", "modifier 'm'")]
    [InlineData(@"a++", "nothing to repeat")]
    [InlineData(@"(?:^a){1,100}", "anchor")]
    [InlineData(@"a^b", "Nothing satisfies it.")]
    public void What_cannot_be_enforced_is_refused(string pattern, string word) =>
        Should.Throw<GrammarException>(() => Grammar.OfPattern(pattern)).Message.ShouldContain(word);

    [Theory]
    [InlineData("(a|a)*", 300)]
    [InlineData("(a{1000}){1000}", 2_500)]
    [InlineData("[^]{0,100000}", 2_500)]
    [InlineData("((((a+)+)+)+)+", 300)]
    [InlineData("((((((((((((((((((((a+b?)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+", 300)]
    [InlineData("(((((a{1,900}){1,900}){1,900})))", 100)]
    [InlineData("(a?){5000}a{5000}", 100)]
    [InlineData("(a*)*(a*)*(a*)*", 300)]
    public void Patterns_made_to_explode_are_read_in_bounded_time(string pattern, int length)
    {
        var watch = Stopwatch.StartNew();
        var matcher = Grammar.OfPattern(pattern).Matcher(Words.Bytes);
        var mask = new ulong[Words.Bytes.MaskWords];
        for (var i = 0; i < length; i++)
        {
            matcher.FillMask(mask);
            matcher.TryAdvance("a"u8).ShouldBeTrue();
        }

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    private static Grammar Anywhere(string pattern)
    {
        using var schema = System.Text.Json.JsonDocument.Parse(new JsonObject { ["type"] = "string", ["pattern"] = pattern }.ToJsonString());
        return Grammar.OfSchema(schema.RootElement);
    }

    private static Grammar? TryCompile(Func<Grammar> compile)
    {
        try
        {
            return compile();
        }
        catch (GrammarException nothing) when (nothing.Message.Contains("satisfies", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static string Make(Random random, int depth)
    {
        if (depth == 0) return ((string[])["a", "b", "[ab]", ".", "[^a]", "ab"])[random.Next(6)];
        return random.Next(10) switch
        {
            0 => "^",
            1 => "$",
            2 or 3 => Make(random, depth - 1) + Make(random, depth - 1),
            4 => $"{Make(random, depth - 1)}|{Make(random, depth - 1)}",
            5 => $"(?:{Make(random, depth - 1)}|{Make(random, depth - 1)}){Make(random, depth - 1)}",
            6 => $"({Make(random, depth - 1)})" + ((string[])["*", "+", "?", "*?", "+?", "??"])[random.Next(6)],
            7 => $"(?:{Make(random, depth - 1)})" + ((string[])["{2}", "{0,2}", "{1,}", "{2,3}?", "{0}"])[random.Next(5)],
            _ => Make(random, 0),
        };
    }
}
