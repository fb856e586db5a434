using System.Text.RegularExpressions;

namespace Gateway.Engine.Text.Splitting;

/// <summary>Finds the stretches of a text that a split is about, in order, not overlapping, none empty.</summary>
internal interface IMatcher
{
    IEnumerable<(int Start, int End)> Matches(string text);
}

internal sealed record TextMatcher(string Pattern) : IMatcher
{
    public IEnumerable<(int Start, int End)> Matches(string text)
    {
        if (Pattern.Length == 0) yield break;
        for (var at = text.IndexOf(Pattern, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Pattern, at + Pattern.Length, StringComparison.Ordinal))
            yield return (at, at + Pattern.Length);
    }
}

/// <summary>
/// A regular expression of the reference, run by .NET's engine. That engine works on UTF-16, where <c>\p{L}</c> matches no character beyond
/// U+FFFF: such characters are replaced by stand-ins of the same category before matching.
/// </summary>
internal sealed record RegexMatcher(Regex Pattern) : IMatcher
{
    public IEnumerable<(int Start, int End)> Matches(string text)
    {
        var standIns = StandIns.For(text);
        for (var match = Pattern.Match(standIns.Text); match.Success; match = match.NextMatch())
            if (match.Length > 0) yield return (standIns.Original(match.Index), standIns.Original(match.Index + match.Length));
    }
}
