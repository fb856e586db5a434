using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Engine.Text.Normalizing;

/// <summary>Rewrites a stretch of text before it is split. Thread-safe.</summary>
internal abstract record Normalizer
{
    public abstract string Apply(string text);
}

internal sealed record NormalizerSequence(IReadOnlyList<Normalizer> Parts) : Normalizer
{
    public override string Apply(string text) => Parts.Aggregate(text, (current, part) => part.Apply(current));
}

/// <summary>NFC, NFD, NFKC, NFKD.</summary>
internal sealed record UnicodeForm(NormalizationForm Form) : Normalizer
{
    private static readonly SearchValues<char> Refused = SearchValues.Create('\uFFFE', '\uFFFF');

    public override string Apply(string text) => Apply(text, Form);

    /// <summary>.NET refuses two noncharacters that the reference lets pass; nothing composes with them, so the parts go one by one.</summary>
    public static string Apply(string text, NormalizationForm form)
    {
        if (text.AsSpan().IndexOfAny(Refused) < 0) return text.IsNormalized(form) ? text : text.Normalize(form);
        var normalized = new StringBuilder(text.Length);
        for (int at = 0, end; at <= text.Length; at = end + 1)
        {
            end = text.AsSpan(at).IndexOfAny(Refused) is >= 0 and var found ? at + found : text.Length;
            normalized.Append(text[at..end].Normalize(form));
            if (end < text.Length) normalized.Append(text[end]);
        }

        return normalized.ToString();
    }
}

/// <summary>Character by character, without context: a final sigma becomes σ.</summary>
internal sealed record Lowercase : Normalizer
{
    public override string Apply(string text)
    {
        // İ is the one character whose simple mapping (i) differs from the full one (i + dot) that the reference applies.
        var lower = text.ToLowerInvariant();
        return text.Contains('İ') ? string.Concat(text.Select(c => c == 'İ' ? "i\u0307" : char.ToLowerInvariant(c).ToString())) : lower;
    }
}

internal sealed record StripEnds(bool Left, bool Right) : Normalizer
{
    public override string Apply(string text)
    {
        if (Left) text = text.TrimStart();
        return Right ? text.TrimEnd() : text;
    }
}

/// <summary>Drops nonspacing marks.</summary>
internal sealed record StripAccents : Normalizer
{
    public override string Apply(string text)
    {
        if (!text.EnumerateRunes().Any(IsMark)) return text;
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (!IsMark(rune)) kept.Append(rune);
        return kept.ToString();
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark;
}

internal sealed record Prepend(string Text) : Normalizer
{
    public override string Apply(string text) => text.Length == 0 ? text : Text + text;
}

internal sealed record ReplaceText(string Pattern, string With) : Normalizer
{
    public override string Apply(string text) => Pattern.Length == 0 ? text : text.Replace(Pattern, With, StringComparison.Ordinal);
}

internal sealed record ReplacePattern(Regex Pattern, string With) : Normalizer
{
    public override string Apply(string text) => Pattern.Replace(text, _ => With);
}

/// <summary>BERT's cleaning: control characters out, white space to spaces, spaces around CJK, accents and case off.</summary>
internal sealed record BertCleaning(bool CleanText, bool SpaceCjk, bool StripAccents, bool Lowercase) : Normalizer
{
    private static readonly Normalizer Lower = new Lowercase();

    public override string Apply(string text)
    {
        if (CleanText) text = Clean(text);
        if (SpaceCjk) text = Space(text);
        if (StripAccents) text = new StripAccents().Apply(UnicodeForm.Apply(text, NormalizationForm.FormD));
        return Lowercase ? Lower.Apply(text) : text;
    }

    private static string Clean(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is 0 or 0xFFFD || IsControl(rune)) continue;
            if (Rune.IsWhiteSpace(rune)) kept.Append(' ');
            else kept.Append(rune);
        }

        return kept.ToString();
    }

    private static bool IsControl(Rune rune) => rune.Value is not ('\t' or '\n' or '\r') &&
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate;

    private static string Space(string text)
    {
        var spaced = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsCjk(rune.Value)) spaced.Append(' ').Append(rune).Append(' ');
            else spaced.Append(rune);
        }

        return spaced.ToString();
    }

    private static bool IsCjk(int c) =>
        c is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F
            or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F;
}

/// <summary>SentencePiece's cleaning for translation models: control characters out, odd spaces to spaces.</summary>
internal sealed record NmtCleaning : Normalizer
{
    public override string Apply(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F') continue;
            var space = c is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD';
            kept.Append(space ? ' ' : c);
        }

        return kept.ToString();
    }
}

/// <summary>GPT-2's alphabet, applied before the split.</summary>
internal sealed record ByteLevelText : Normalizer
{
    public override string Apply(string text) => ByteLevel.Encode(text);
}
