using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>A token that is matched in the text itself, before the vocabulary sees it.</summary>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

/// <summary>Finds added tokens in a text: leftmost first, longest of those that begin at one place.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<char, (string Text, AddedToken Token)[]> byFirst;
    private readonly SearchValues<char> firsts;

    /// <param name="tokens">The tokens, each with the text to look for.</param>
    public AddedTokens(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        byFirst = tokens.Where(t => t.Text.Length > 0).GroupBy(t => t.Text[0]).ToDictionary(g => g.Key, g => g.OrderByDescending(t => t.Text.Length).ToArray());
        firsts = SearchValues.Create([.. byFirst.Keys]);
    }

    /// <summary>Cuts the text; a part with a token is that token, the others are plain text.</summary>
    public IEnumerable<(int Start, int End, AddedToken? Token)> Split(string text, bool special)
    {
        var plain = 0; // start of the plain text not yet given out
        for (var at = 0; at < text.Length; at++)
        {
            var next = text.AsSpan(at).IndexOfAny(firsts);
            if (next < 0) break;
            at += next;
            if (Find(text, at, special) is not { } found) continue;
            var start = at;
            var end = at + found.Text.Length;
            if (found.Token.LeftStrip)
                while (start > plain && char.IsWhiteSpace(text[start - 1])) start--;
            if (found.Token.RightStrip)
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
            if (start > plain) yield return (plain, start, null);
            yield return (start, end, found.Token);
            plain = end;
            at = end - 1;
        }

        if (plain < text.Length) yield return (plain, text.Length, null);
    }

    private (string Text, AddedToken Token)? Find(string text, int at, bool special)
    {
        foreach (var candidate in byFirst[text[at]])
        {
            if (string.CompareOrdinal(text, at, candidate.Text, 0, candidate.Text.Length) != 0) continue;
            if (candidate.Token.Special && !special) continue;
            if (candidate.Token.SingleWord && !StandsAlone(text, at, at + candidate.Text.Length)) return null;
            return candidate;
        }

        return null;
    }

    private static bool StandsAlone(string text, int start, int end) => !IsWord(Before(text, start)) && !IsWord(After(text, end));

    private static Rune? Before(string text, int at) =>
        at > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var rune, out _) == OperationStatus.Done ? rune : null;

    private static Rune? After(string text, int at) =>
        at < text.Length && Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out _) == OperationStatus.Done ? rune : null;

    /// <summary>Unicode's word characters: letters, marks, decimal digits, connectors, joiners.</summary>
    private static bool IsWord(Rune? rune) => rune is { } r && (r.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(r) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation);
}
