using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Engine.Text.Vocabulary;

namespace Gateway.Engine.Text;

/// <summary>A token that is matched in the text itself, before the vocabulary sees it.</summary>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

/// <summary>Finds added tokens in a text: leftmost first, longest of those that begin at one place.</summary>
internal sealed class AddedTokens
{
    private readonly PrefixTree tree = new();
    private readonly List<AddedToken> tokens = [];
    private readonly SearchValues<char> firsts;

    /// <param name="tokens">The tokens, each with the text to look for.</param>
    public AddedTokens(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        var starts = new HashSet<char>();
        foreach (var (text, token) in tokens)
        {
            if (text.Length == 0) continue;
            tree.Add(text, this.tokens.Count);
            this.tokens.Add(token);
            starts.Add(text[0]);
        }

        firsts = SearchValues.Create([.. starts]);
    }

    /// <summary>
    /// Cuts the text; a part with a token is that token, the others are plain text. As in the reference, a match that may not count (a special
    /// token where those are plain text, a token within a word) is passed over as a whole, and no shorter one is looked for in it.
    /// </summary>
    public IEnumerable<(int Start, int End, AddedToken? Token)> Split(string text, bool special)
    {
        var plain = 0; // start of the plain text not yet given out
        for (var at = 0; at < text.Length;)
        {
            var next = text.AsSpan(at).IndexOfAny(firsts);
            if (next < 0) break;
            var start = at + next;
            var (index, end) = Find(text, start);
            if (index < 0)
            {
                at = start + 1;
                continue;
            }

            at = end;
            var token = tokens[index];
            if (token.Special && !special) continue;
            if (token.SingleWord && !StandsAlone(text, start, end)) continue;
            if (token.LeftStrip)
                while (start > plain && char.IsWhiteSpace(text[start - 1])) start--;
            if (token.RightStrip)
                while (end < text.Length && char.IsWhiteSpace(text[end])) end++;
            start = Math.Max(start, plain); // the token before may have taken white space that this one begins with
            end = Math.Max(end, start);
            if (start > plain) yield return (plain, start, null);
            yield return (start, end, token);
            plain = end;
        }

        if (plain < text.Length) yield return (plain, text.Length, null);
    }

    private (int Index, int End) Find(string text, int at)
    {
        var found = (Index: -1, End: at);
        for (int i = at, node = 0; i < text.Length; i++)
        {
            node = tree.Step(node, text[i]);
            if (node < 0) break;
            if (tree.Value(node) is >= 0 and var index) found = (index, i + 1);
        }

        return found;
    }

    private static bool StandsAlone(string text, int start, int end) => !IsWord(Before(text, start)) && !IsWord(After(text, end));

    private static Rune? Before(string text, int at) =>
        at > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var rune, out _) == OperationStatus.Done ? rune : null;

    private static Rune? After(string text, int at) =>
        at < text.Length && Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out _) == OperationStatus.Done ? rune : null;

    /// <summary>Unicode's word characters: letters, marks, decimal digits, connectors, joiners.</summary>
    private static bool IsWord(Rune? rune) => rune is { } r && (r.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) || Rune.GetUnicodeCategory(r) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation);
}
