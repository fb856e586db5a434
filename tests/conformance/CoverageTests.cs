using System.Reflection;
using System.Text.RegularExpressions;

namespace Gateway.Conformance.Tests;

/// <summary>Which behaviours of 1 to 80 have a test here: all of them.</summary>
public sealed partial class CoverageTests
{
    private static readonly int[] Listed =
    [
        1, 2, 3, 4, 5, 6, 7, 9, 12, 14, 16, 18, 20, 21, 22, 24, 25, 26, 27, 28, 29, 32, 33, 34, 35, 36, 37, 38, 40, 41, 42, 44, 45, 46, 47, 48, 49, 50, 53, 55, 56, 58, 60, 61, 63, 64, 65, 66, 67, 71, 72, 74, 75, 76, 77, 79, 80,
    ];

    [Fact]
    public void Every_behaviour_of_the_list_has_a_test() => Listed.Except(Held()).ShouldBeEmpty();

    [Fact]
    public void No_test_names_a_behaviour_that_the_list_does_not_have() => Held().Except(Listed).ShouldBeEmpty();

    [Fact]
    public async Task The_readme_says_which()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Shared.Root, "tests", "conformance", "README.md"), TestContext.Current.CancellationToken);
        readme.ReplaceLineEndings(" ").ShouldContain($"**Held here:** {string.Join(", ", Held().Order())}.");
    }

    [Fact]
    public async Task The_list_is_the_contract_s()
    {
        var list = await File.ReadAllTextAsync(Shared.Optional("api", "conformance.md"), TestContext.Current.CancellationToken);
        Numbered().Matches(list).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Where(number => number <= 80).ShouldBe(Listed);
    }

    private static IEnumerable<int> Held() => typeof(CoverageTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
        .SelectMany(method => method.GetCustomAttributes<TraitAttribute>())
        .Where(trait => trait.Name == "Behaviour")
        .Select(trait => int.Parse(trait.Value, System.Globalization.CultureInfo.InvariantCulture))
        .Distinct();

    [GeneratedRegex("^([0-9]+)\\. ", RegexOptions.Multiline)]
    private static partial Regex Numbered();
}
