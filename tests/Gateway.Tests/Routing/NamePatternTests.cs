using Gateway.Models;

namespace Gateway.Tests.Routing;

public class NamePatternTests
{
    [Theory]
    [InlineData("gpt-4*", "gpt-4o", true)]
    [InlineData("gpt-4*", "gpt-4", false)] // one character at least
    [InlineData("*", "x", true)]
    [InlineData("*", "", false)]
    [InlineData("openai/*", "openai/org/name:tag", true)]
    [InlineData("openai/*", "openai/", false)]
    [InlineData("*-mini", "gpt-mini", true)]
    [InlineData("*-mini", "-mini", false)]
    [InlineData("*-mini", "a-mini-mini", true)]
    [InlineData("a*b*c", "a1b2c", true)]
    [InlineData("a*b*c", "abc", false)]
    [InlineData("a*b*c", "axbbxcc", true)]
    [InlineData("**", "ab", true)]
    [InlineData("**", "a", false)]
    [InlineData("GPT-*", "gpt-4", false)]
    [InlineData("a.c*", "abcd", false)]
    public void A_star_is_one_or_more_characters(string pattern, string name, bool matches) => new NamePattern(pattern).Matches(name).ShouldBe(matches);

    [Fact]
    public void It_agrees_with_the_obvious_way_to_match()
    {
        var chance = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var (pattern, name) = (Text("ab*", chance.Next(0, 7)), Text("ab", chance.Next(0, 9)));

            new NamePattern(pattern).Matches(name).ShouldBe(Obvious(pattern, name), $"{pattern} {name}");
        }

        string Text(string letters, int length) => new([.. chance.GetItems<char>(letters, length)]);
    }

    [Fact]
    public void Many_stars_do_not_take_for_ever() =>
        new NamePattern(string.Concat(Enumerable.Repeat("*a", 200)) + "b").Matches(new string('a', 5_000)).ShouldBeFalse();

    private static bool Obvious(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty) return name.IsEmpty;
        if (pattern[0] != '*') return !name.IsEmpty && name[0] == pattern[0] && Obvious(pattern[1..], name[1..]);
        for (var taken = 1; taken <= name.Length; taken++)
            if (Obvious(pattern[1..], name[taken..])) return true;
        return false;
    }
}
