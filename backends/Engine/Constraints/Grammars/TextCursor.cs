using System.Globalization;
using System.Text;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>A place in a grammar's text, and what is wrong there.</summary>
internal sealed class TextCursor(string text)
{
    private const int MostCount = 1_000_000_000;

    public int At { get; set; }

    public bool Ends => At >= text.Length;

    /// <summary>The character here; U+0000 at the end.</summary>
    public char Now => Ends ? '\0' : text[At];

    public bool StartsLine
    {
        get
        {
            var before = At - 1;
            while (before >= 0 && text[before] is ' ' or '\t') before--;
            return before < 0 || text[before] is '\n' or '\r';
        }
    }

    public bool Sees(string word) => string.CompareOrdinal(text, At, word, 0, word.Length) == 0;

    /// <summary>The character so many places on; U+0000 beyond the end.</summary>
    public char Peek(int ahead) => At + ahead < text.Length ? text[At + ahead] : '\0';

    public bool TryTake(string word)
    {
        if (!Sees(word)) return false;
        At += word.Length;
        return true;
    }

    /// <summary>Characters as long as they are of a kind.</summary>
    public string While(Func<char, bool> kind)
    {
        var start = At;
        while (!Ends && kind(text[At])) At++;
        return text[start..At];
    }

    /// <summary>The code point here, which is passed.</summary>
    public int CodePoint()
    {
        if (Ends) throw Expected("a character");
        if (Rune.DecodeFromUtf16(text.AsSpan(At), out var rune, out var length) != System.Buffers.OperationStatus.Done) throw Wrong("half of a surrogate pair.");
        At += length;
        return rune.Value;
    }

    /// <summary>A code point written with so many hexadecimal digits.</summary>
    public int Hex(int digits)
    {
        if (At + digits > text.Length || !int.TryParse(text.AsSpan(At, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point)) throw Expected($"{digits} hexadecimal digits");
        if (!Rune.IsValid(point)) throw Wrong("an escape that is no code point.");
        At += digits;
        return point;
    }

    public int Count()
    {
        var digits = While(char.IsAsciiDigit);
        if (digits.Length == 0) throw Expected("a number");
        return digits.Length < 11 && long.Parse(digits, CultureInfo.InvariantCulture) is var count and <= MostCount
            ? (int)count
            : throw Wrong($"a count beyond {MostCount:N0}.");
    }

    public GrammarException Expected(string what) => Wrong($"{what} was expected, not {Found()}.");

    public GrammarException Wrong(string message) => Wrong(message, At);

    public GrammarException Wrong(string message, int at)
    {
        var before = text.AsSpan(0, Math.Min(at, text.Length));
        var line = before.Count('\n') + 1;
        return new GrammarException(message, line, before.Length - before.LastIndexOf('\n'));
    }

    private string Found()
    {
        if (Ends) return "the end of the grammar";
        return Now is '\n' or '\r' ? "the end of the line" : Rune.TryGetRuneAt(text, At, out var rune) ? $"'{rune}'" : "half of a surrogate pair";
    }
}
