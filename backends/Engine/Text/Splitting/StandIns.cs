using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Splitting;

/// <summary>A text whose surrogate pairs are replaced by single characters of the same Unicode category, and the way back.</summary>
internal readonly struct StandIns
{
    private readonly int[]? original;

    private StandIns(string text, int[]? original) => (Text, this.original) = (text, original);

    public string Text { get; }

    public static StandIns For(string text)
    {
        if (!text.Any(char.IsSurrogate)) return new StandIns(text, null);
        var replaced = new StringBuilder(text.Length);
        var indexes = new List<int>(text.Length + 1);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            indexes.Add(at);
            replaced.Append(rune.IsBmp ? (char)rune.Value : OfCategory(Rune.GetUnicodeCategory(rune)));
            at += rune.Utf16SequenceLength;
        }

        indexes.Add(at);
        return new StandIns(replaced.ToString(), [.. indexes]);
    }

    public int Original(int index) => original is null ? index : original[index];

    /// <summary>Characters that no known pattern names literally.</summary>
    private static char OfCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\uA640',
        UnicodeCategory.LowercaseLetter => '\uA641',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\uA000',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u20DD',
        UnicodeCategory.DecimalDigitNumber => '\u07C0',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u2150',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u2039',
        UnicodeCategory.FinalQuotePunctuation => '\u203A',
        UnicodeCategory.OtherPunctuation => '\u2030',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.CurrencySymbol => '\u20A0',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\u2300',
        UnicodeCategory.Format => '\u2060',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378', // unassigned
    };
}
