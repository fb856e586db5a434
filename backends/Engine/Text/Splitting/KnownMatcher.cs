using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Splitting;

/// <summary>
/// Hand-written equals of the regexes of GPT-2 and of cl100k and its kin (Llama 3, Qwen 2): no backtracking, characters rather than UTF-16
/// units, and nothing to compile. Their matches cover the text.
/// </summary>
/// <param name="digits">How many digits make a piece in cl100k's; 0 for GPT-2's.</param>
internal sealed class KnownMatcher(int digits) : IMatcher
{
    private enum Kind : byte { Letter, Number, Space, Other }

    private const string Gpt2Short = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Gpt2Long = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Cl100kStart = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string Cl100kEnd = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(c => Of(new Rune(c)))];

    public static KnownMatcher Gpt2 { get; } = new(0);

    /// <summary>The matcher of a pattern, or null where the pattern is not one of the known.</summary>
    public static KnownMatcher? For(string? pattern) => pattern switch
    {
        Gpt2Short or Gpt2Long => Gpt2,
        Cl100kStart + @"\p{N}{1,3}" + Cl100kEnd => new KnownMatcher(3),
        Cl100kStart + @"\p{N}" + Cl100kEnd => new KnownMatcher(1),
        _ => null,
    };

    public IEnumerable<(int Start, int End)> Matches(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = Next(text, start);
            yield return (start, end);
        }
    }

    private int Next(ReadOnlySpan<char> text, int start)
    {
        var end = start + Contraction(text[start..], digits > 0);
        if (end > start) return end;
        return digits > 0 ? Cl100kNext(text, start, digits) : Gpt2Next(text, start);
    }

    private static int Gpt2Next(ReadOnlySpan<char> text, int start)
    {
        var from = text[start] == ' ' && start + 1 < text.Length && At(text, start + 1, out _) != Kind.Space ? start + 1 : start;
        var kind = At(text, from, out _);
        return kind == Kind.Space ? Spaces(text, start, false) : Run(text, from, kind);
    }

    private static int Cl100kNext(ReadOnlySpan<char> text, int start, int digits)
    {
        var kind = At(text, start, out var width);
        if (kind == Kind.Letter) return Run(text, start, kind);
        if (kind == Kind.Number)
        {
            var end = start;
            for (var n = 0; n < digits && end < text.Length && At(text, end, out width) == Kind.Number; n++) end += width;
            return end;
        }

        var next = start + width;
        var following = next < text.Length ? At(text, next, out _) : Kind.Space;
        if (following == Kind.Letter && text[start] is not ('\r' or '\n')) return Run(text, next, Kind.Letter);
        if (kind == Kind.Space && (text[start] != ' ' || following != Kind.Other)) return Spaces(text, start, true);
        var tail = Run(text, kind == Kind.Space ? next : start, Kind.Other);
        while (tail < text.Length && text[tail] is '\r' or '\n') tail++;
        return tail;
    }

    // \s*[\r\n]+ (where newlines count), else \s+(?!\S), else \s+.
    private static int Spaces(ReadOnlySpan<char> text, int start, bool newlines)
    {
        var end = Run(text, start, Kind.Space);
        var last = newlines ? text[start..end].LastIndexOfAny('\r', '\n') : -1;
        if (last >= 0) return start + last + 1;
        return end == text.Length || end == start + 1 ? end : end - 1; // white space is never astral
    }

    // U+017F folds to s, and the reference's engine honours that.
    private static int Contraction(ReadOnlySpan<char> text, bool anyCase)
    {
        if (text.Length < 2 || text[0] != '\'') return 0;
        var first = anyCase ? Lower(text[1]) : text[1];
        if (first is 's' or 't' or 'm' or 'd') return 2;
        if (text.Length < 3) return 0;
        var second = anyCase ? Lower(text[2]) : text[2];
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Lower(char letter) => letter == '\u017F' ? 's' : letter is >= 'A' and <= 'Z' ? (char)(letter | 0x20) : letter;

    private static int Run(ReadOnlySpan<char> text, int at, Kind kind)
    {
        while (at < text.Length && At(text, at, out var width) == kind) at += width;
        return at;
    }

    private static Kind At(ReadOnlySpan<char> text, int at, out int width)
    {
        width = 1;
        if (text[at] < 128) return Ascii[text[at]];
        Rune.DecodeFromUtf16(text[at..], out var rune, out width);
        return Of(rune);
    }

    private static Kind Of(Rune rune) => Rune.IsWhiteSpace(rune) ? Kind.Space : Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Kind.Other,
    };
}
