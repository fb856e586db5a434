using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Splitting;

/// <summary>Cuts text into pieces that tokens never cross. Thread-safe.</summary>
internal abstract record PreTokenizer
{
    public abstract void Split(Piece piece, List<Piece> into);
}

internal sealed record PreTokenizerSequence(IReadOnlyList<PreTokenizer> Parts) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> into)
    {
        List<Piece> current = [piece];
        foreach (var part in Parts)
        {
            var next = new List<Piece>(current.Count);
            foreach (var one in current) part.Split(one, next);
            current = next;
        }

        into.AddRange(current);
    }
}

/// <summary>Cuts by matches, found one after the other, and decides where the matched text belongs.</summary>
internal sealed record SplitBy(IMatcher Matcher, SplitBehavior Behavior, bool Invert) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> into)
    {
        var stretches = new List<(int Start, int End, bool Match)>();
        var at = 0;
        foreach (var (start, end) in Matcher.Matches(piece.Text))
        {
            if (start > at) stretches.Add((at, start, Invert));
            stretches.Add((start, end, !Invert));
            at = end;
        }

        if (at < piece.Text.Length) stretches.Add((at, piece.Text.Length, Invert));
        foreach (var (start, end) in Join(stretches))
            if (end > start) into.Add(new Piece(piece.Text[start..end], piece.AtStart && start == 0));
    }

    private IEnumerable<(int Start, int End)> Join(List<(int Start, int End, bool Match)> stretches)
    {
        switch (Behavior)
        {
            case SplitBehavior.Removed:
                return stretches.Where(s => !s.Match).Select(s => (s.Start, s.End));
            case SplitBehavior.Isolated:
                return stretches.Select(s => (s.Start, s.End));
            case SplitBehavior.Contiguous:
                return Merge(stretches, (before, now) => before.Match == now.Match);
            case SplitBehavior.MergedWithPrevious:
                return Merge(stretches, (before, now) => now.Match && !before.Match);
            default:
                return Merge(stretches, (before, now) => before.Match && !now.Match);
        }
    }

    private static List<(int Start, int End)> Merge(List<(int Start, int End, bool Match)> stretches, Func<(int, int, bool Match), (int, int, bool Match), bool> together)
    {
        var merged = new List<(int Start, int End)>();
        for (var i = 0; i < stretches.Count; i++)
        {
            if (i > 0 && together(stretches[i - 1], stretches[i])) merged[^1] = (merged[^1].Start, stretches[i].End);
            else merged.Add((stretches[i].Start, stretches[i].End));
        }

        return merged;
    }
}

/// <summary>Where the matched text goes.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>SentencePiece's way of writing spaces as ▁.</summary>
internal sealed record Metaspace(string Replacement, PrependScheme Scheme, bool SplitWords) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> into)
    {
        var text = piece.Text.Replace(" ", Replacement, StringComparison.Ordinal);
        var prepend = Scheme == PrependScheme.Always || (Scheme == PrependScheme.First && piece.AtStart);
        if (prepend && !text.StartsWith(Replacement, StringComparison.Ordinal)) text = Replacement + text;
        var whole = new Piece(text, piece.AtStart);
        if (SplitWords) new SplitBy(new TextMatcher(Replacement), SplitBehavior.MergedWithNext, false).Split(whole, into);
        else into.Add(whole);
    }
}

/// <summary>When ▁ is put before the text.</summary>
internal enum PrependScheme
{
    Never,
    First,
    Always,
}

/// <summary>GPT-2's bytes written as printable characters, after its own split where <paramref name="Pattern"/> is given.</summary>
internal sealed record ByteLevelSplit(bool AddPrefixSpace, IMatcher? Pattern) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> into)
    {
        if (AddPrefixSpace && !piece.Text.StartsWith(' ')) piece = piece with { Text = " " + piece.Text };
        if (Pattern is null)
        {
            into.Add(piece with { Text = ByteLevel.Encode(piece.Text) });
            return;
        }

        var pieces = new List<Piece>();
        new SplitBy(Pattern, SplitBehavior.Isolated, false).Split(piece, pieces);
        foreach (var part in pieces) into.Add(part with { Text = ByteLevel.Encode(part.Text) });
    }
}

/// <summary>Matches single characters of a class.</summary>
internal sealed record RuneMatcher(Func<Rune, bool> Is) : IMatcher
{
    public static RuneMatcher WhiteSpace { get; } = new(Rune.IsWhiteSpace);

    /// <summary>Unicode's numbers: Nd, Nl and No.</summary>
    public static RuneMatcher Digits { get; } = new(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber);

    public static RuneMatcher Punctuation { get; } = new(IsPunctuation);

    public IEnumerable<(int Start, int End)> Matches(string text)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Is(rune)) yield return (at, at + rune.Utf16SequenceLength);
            at += rune.Utf16SequenceLength;
        }
    }

    private static bool IsPunctuation(Rune rune) =>
        (rune.IsAscii && (char.IsPunctuation((char)rune.Value) || char.IsSymbol((char)rune.Value))) || Rune.IsPunctuation(rune);
}

/// <summary>Cuts every so many characters.</summary>
internal sealed record FixedLength(int Characters) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> into)
    {
        var (start, at, count) = (0, 0, 0);
        foreach (var rune in piece.Text.EnumerateRunes())
        {
            at += rune.Utf16SequenceLength;
            if (++count % Characters != 0 && at < piece.Text.Length) continue;
            into.Add(new Piece(piece.Text[start..at], piece.AtStart && start == 0));
            start = at;
        }
    }
}
