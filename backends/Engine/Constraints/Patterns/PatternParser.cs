using System.Globalization;
using System.Text;

namespace Gateway.Engine.Constraints.Patterns;

/// <summary>
/// Reads ECMA-262 regular expressions as the u flag has them: code points, ASCII <c>\d</c> and <c>\w</c>. Look-around, back-references
/// and word boundaries are refused, since they would not be enforced.
/// </summary>
internal sealed class PatternParser
{
    private const int MostNesting = 64;
    private const int MostLength = 20_000;
    private readonly int[] text;
    private int at;
    private int depth;

    private PatternFlags flags;

    private PatternParser(string pattern, PatternFlags flags) => (text, this.flags) = ([.. pattern.EnumerateRunes().Select(static rune => rune.Value)], flags);

    private bool IsBorrowed => (flags & PatternFlags.Borrowed) != 0;

    /// <exception cref="GrammarException">It is malformed or cannot be enforced.</exception>
    public static Pattern Parse(string pattern, PatternFlags flags = PatternFlags.None)
    {
        if (pattern.Length > MostLength) throw new GrammarException($"The pattern is longer than {MostLength:N0} characters.");
        var parser = new PatternParser(pattern, flags);
        var read = parser.Alternatives();
        return parser.at == parser.text.Length ? read : throw parser.Wrong("an unmatched ')'");
    }

    private Pattern Alternatives()
    {
        if (++depth > MostNesting) throw Wrong($"more than {MostNesting} nested groups");
        var options = new List<Pattern> { Terms() };
        while (TryTake('|')) options.Add(Terms());
        depth--;
        return options.Count == 1 ? options[0] : new Pattern.Choice(options);
    }

    private Pattern.Sequence Terms()
    {
        var parts = new List<Pattern>();
        for (Skip(); at < text.Length && text[at] is not ('|' or ')'); Skip())
            if (!TryTakeFlags()) parts.Add(Quantified(Atom()));
        return new Pattern.Sequence(parts);
    }

    private Pattern Quantified(Pattern atom)
    {
        Skip();
        if (at == text.Length) return atom;
        int from, to;
        switch (text[at])
        {
            case '*':
                (from, to) = (0, int.MaxValue);
                break;
            case '+':
                (from, to) = (1, int.MaxValue);
                break;
            case '?':
                (from, to) = (0, 1);
                break;
            case '{' when !IsBorrowed || QuantifierBegins():
                at++;
                from = Number();
                to = TryTake(',') ? (at < text.Length && text[at] == '}' ? int.MaxValue : Number()) : from;
                if (at == text.Length || text[at] != '}') throw Wrong("a '{' that is no quantifier");
                if (to < from) throw Wrong("a quantifier whose bounds are out of order");
                break;
            default:
                return atom;
        }

        at++;
        TryTake('?'); // lazy or not, the same texts match
        if (IsBorrowed && at < text.Length && text[at] == '+') throw Wrong("a possessive quantifier, which is not supported");
        if (atom is Pattern.Anchor) throw Wrong("a quantifier after an anchor");
        if (at < text.Length && text[at] is '*' or '+' or '?') throw Wrong("a quantifier with nothing to repeat");
        return new Pattern.Repeat(atom, from, to);
    }

    private Pattern Atom()
    {
        var c = text[at++];
        switch (c)
        {
            case '^':
                return new Pattern.Anchor(End: false);
            case '$':
                return new Pattern.Anchor(End: true);
            case '.':
                return new Pattern.Set((flags & PatternFlags.DotAll) != 0 ? CodeRanges.All : CodeRanges.Not(CodeRanges.Line));
            case '(':
                return Group();
            case '[':
                return Class();
            case '\\':
                return new Pattern.Set([.. Cased(Escape(inClass: false))]);
            case '*' or '+' or '?':
                throw Wrong("a quantifier with nothing to repeat");
            case '{' or '}' or ']' when !IsBorrowed:
                throw Wrong($"a lone '{(char)c}', which has to be escaped");
            default:
                return new Pattern.Set([.. Cased([new CodeRange(c, c)])]);
        }
    }

    private Pattern Group()
    {
        var outer = flags;
        if (TryTake('?'))
        {
            if (IsBorrowed) TryTake('P');
            if (TryTake('<'))
            {
                if (at < text.Length && text[at] is '=' or '!') throw Wrong("look-behind, which is not supported");
                while (at < text.Length && text[at] != '>') at++;
                if (!TryTake('>')) throw Wrong("a group whose name does not end");
            }
            else
            {
                Modify();
                if (!TryTake(':')) throw Wrong("look-ahead or a group of an unknown kind, which is not supported");
            }
        }

        var inner = Alternatives();
        flags = outer;
        return TryTake(')') ? inner : throw Wrong("a group that does not end");
    }

    // (?i) for the rest of the group, as Python and Rust have it.
    private bool TryTakeFlags()
    {
        if (!IsBorrowed || at + 2 >= text.Length || text[at] != '(' || text[at + 1] != '?') return false;
        var (start, before) = (at, flags);
        at += 2;
        Modify();
        if (TryTake(')')) return true;
        (at, flags) = (start, before);
        return false;
    }

    private void Modify()
    {
        var remove = false;
        for (; at < text.Length && (text[at] == '-' ? !remove : "ismx".Contains((char)text[at], StringComparison.Ordinal)); at++)
        {
            var flag = text[at] switch { 'i' => PatternFlags.IgnoreCase, 's' => PatternFlags.DotAll, 'x' when IsBorrowed => PatternFlags.Extended, _ => PatternFlags.None };
            if (text[at] == '-') remove = true;
            else if (flag == PatternFlags.None) throw Wrong($"the modifier '{(char)text[at]}', which is not supported");
            else if (remove) flags &= ~flag;
            else flags |= flag;
        }
    }

    private Pattern.Set Class()
    {
        var not = TryTake('^');
        var ranges = new List<CodeRange>();
        // A bracket that comes first is one of the characters, outside ECMA-262.
        for (var start = at; at < text.Length && (text[at] != ']' || (IsBorrowed && at == start));)
        {
            var low = ClassAtom();
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                var high = ClassAtom();
                if (low is not [var from] || high is not [var to] || from.Low != from.High || to.Low != to.High || to.Low < from.Low) throw Wrong("a range that is out of order");
                ranges.Add(new CodeRange(from.Low, to.Low));
                continue;
            }

            ranges.AddRange(low);
        }

        if (!TryTake(']')) throw Wrong("a class that does not end");
        var held = Cased(ranges);
        return new Pattern.Set(not ? CodeRanges.Not(held) : CodeRanges.Normal(held));
    }

    private IReadOnlyList<CodeRange> ClassAtom()
    {
        var c = text[at++];
        return c == '\\' ? Escape(inClass: true) : [new CodeRange(c, c)];
    }

    private IReadOnlyList<CodeRange> Escape(bool inClass)
    {
        if (at == text.Length) throw Wrong("a backslash with nothing after it");
        var c = text[at++];
        switch (c)
        {
            case 'd': return CodeRanges.Digits;
            case 'D': return CodeRanges.Not(IsBorrowed ? UnicodeCategories.Union("Nd") : CodeRanges.Digits);
            case 'w': return CodeRanges.Word;
            case 'W': return CodeRanges.Not(IsBorrowed ? [.. CodeRanges.Word, .. UnicodeCategories.Words] : CodeRanges.Word);
            case 's': return IsBorrowed ? CodeRanges.SharedSpace : CodeRanges.Space;
            case 'S': return CodeRanges.Not(IsBorrowed ? CodeRanges.AnySpace : CodeRanges.Space);
            case 'x': return One(Hex(2));
            case 'u': return One(Unicode());
            case 'b' when inClass: return One('\b');
            case 'b' or 'B': throw Wrong("a word boundary, which is not supported");
            case 'p': return Property();
            case 'P': return CodeRanges.Not(Property());
            case 'k' or (>= '1' and <= '9'): throw Wrong("a back-reference, which is not supported");
            case '0' when at == text.Length || text[at] is < '0' or > '9': return One(0);
            case 'c' when at < text.Length && char.IsAsciiLetter((char)text[at]): return One(text[at++] % 32);
        }

        if (c == 'a' && IsBorrowed) return One('\a');
        var control = "tnvfr".IndexOf((char)c, StringComparison.Ordinal);
        if (control >= 0) return One("\t\n\v\f\r"[control]);
        if (c < 128 && "^$\\.*+?()[]{}|/-".Contains((char)c, StringComparison.Ordinal) && (c != '-' || inClass)) return One(c);
        // Many real patterns escape more than the u flag allows; what is no letter can mean only itself.
        return c < 128 && !char.IsAsciiLetterOrDigit((char)c) ? One(c) : throw Wrong($"an unknown escape '\\{new Rune(c)}'");

        static CodeRange[] One(int c) => [new CodeRange(c, c)];
    }

    private IReadOnlyList<CodeRange> Property()
    {
        if (!TryTake('{')) throw Wrong("a property of Unicode without a name");
        var start = at;
        while (at < text.Length && text[at] != '}') at++;
        var name = string.Concat(text[start..at].Select(static c => new Rune(c).ToString()));
        if (!TryTake('}')) throw Wrong("a property of Unicode whose name does not end");
        return UnicodeProperties.Of(name) ?? throw Wrong($"the property of Unicode '{name}', which is not supported");
    }

    private int Unicode()
    {
        if (TryTake('{'))
        {
            var start = at;
            while (at < text.Length && text[at] != '}') at++;
            var digits = string.Concat(text[start..at].Select(static c => (char)c));
            if (!TryTake('}') || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) || !Rune.IsValid(point)) throw Wrong("an escape that is no code point");
            return point;
        }

        var unit = Hex(4);
        if (char.IsHighSurrogate((char)unit) && at + 1 < text.Length && text[at] == '\\' && text[at + 1] == 'u')
        {
            at += 2;
            var low = Hex(4);
            if (char.IsLowSurrogate((char)low)) return char.ConvertToUtf32((char)unit, (char)low);
        }

        return Rune.IsValid(unit) ? unit : throw Wrong("half of a surrogate pair");
    }

    private int Hex(int length)
    {
        var value = 0;
        for (var i = 0; i < length; i++)
        {
            if (at == text.Length || text[at] > 127 || !char.IsAsciiHexDigit((char)text[at])) throw Wrong("an escape with too few digits");
            value = (value * 16) + Convert.ToInt32(((char)text[at++]).ToString(), 16);
        }

        return value;
    }

    private int Number()
    {
        var start = at;
        long value = 0;
        while (at < text.Length && text[at] is >= '0' and <= '9')
        {
            value = Math.Min((value * 10) + text[at] - '0', 1_000_000);
            at++;
        }

        return at > start ? (int)value : throw Wrong("a '{' that is no quantifier");
    }

    private IReadOnlyList<CodeRange> Cased(IReadOnlyList<CodeRange> ranges) => (flags & PatternFlags.IgnoreCase) != 0 ? CaseFolding.Close(ranges) : ranges;

    private bool QuantifierBegins()
    {
        var end = at + 1;
        while (end < text.Length && text[end] is (>= '0' and <= '9') or ',') end++;
        return end > at + 1 && end < text.Length && text[end] == '}' && text[at + 1] != ',';
    }

    /// <summary>Passes what means nothing under the flag x.</summary>
    private void Skip()
    {
        while ((flags & PatternFlags.Extended) != 0 && at < text.Length && text[at] is ' ' or '\t' or '\n' or '\r' or '#')
        {
            if (text[at] == '#') while (at < text.Length && text[at] != '\n') at++;
            else at++;
        }
    }

    private bool TryTake(char c)
    {
        if (at == text.Length || text[at] != c) return false;
        at++;
        return true;
    }

    private GrammarException Wrong(string what) => new($"The pattern has {what}, near its character {at}.");
}
