using System.Text;
using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>Strings, ranges and regular expressions in Lark's notation.</summary>
internal static class LarkLiterals
{
    /// <summary>A string, its opening quote taken already.</summary>
    public static string Text(TextCursor cursor)
    {
        var text = new StringBuilder();
        while (!cursor.TryTake("\""))
        {
            if (cursor.Ends || cursor.Now is '\n' or '\r') throw cursor.Expected("a closing '\"'");
            var at = cursor.At;
            var c = cursor.CodePoint();
            text.Append(new Rune(c == '\\' ? Escaped(cursor, at) : c));
        }

        return text.ToString();
    }

    public static CodeRange Range(TextCursor cursor, string from, string to, int at)
    {
        Rune[] low = [.. from.EnumerateRunes()], high = [.. to.EnumerateRunes()];
        if (low.Length != 1 || high.Length != 1) throw cursor.Wrong("a range goes from one character to another.", at);
        return low[0] <= high[0] ? new CodeRange(low[0].Value, high[0].Value) : throw cursor.Wrong("a range that is out of order.", at);
    }

    /// <summary>A character in upper and lower case. A plain letter stays plain: nobody who writes "yes" means a long s.</summary>
    public static IEnumerable<CodeRange> InEitherCase(Rune rune) =>
        CaseFolding.Close([new CodeRange(rune.Value, rune.Value)]).Where(range => !rune.IsAscii || range.High < 0x80);

    /// <summary>A regular expression with its flags, its opening slash taken already.</summary>
    public static Pattern Pattern(TextCursor cursor, int at)
    {
        var source = new StringBuilder();
        while (!cursor.TryTake("/"))
        {
            if (cursor.Ends || cursor.Now is '\n' or '\r') throw cursor.Expected("a closing '/'");
            if (cursor.TryTake("\\/")) source.Append('/');
            else if (cursor.TryTake("\\\\")) source.Append("\\\\");
            else source.Append(new Rune(cursor.CodePoint()));
        }

        var flags = PatternFlags.Borrowed;
        while (char.IsAsciiLetter(cursor.Now))
        {
            flags |= cursor.Now switch
            {
                'i' => PatternFlags.IgnoreCase,
                's' => PatternFlags.DotAll,
                'x' => PatternFlags.Extended,
                'm' or 'u' => PatternFlags.None, // anchors are refused, and all is Unicode
                _ => throw cursor.Wrong($"the flag '{cursor.Now}' of a regular expression is not supported."),
            };
            cursor.At++;
        }

        try
        {
            var pattern = PatternParser.Parse(source.ToString(), flags);
            return pattern.HasAnchor ? throw new GrammarException("The pattern has an anchor, which is not supported in a terminal.") : pattern;
        }
        catch (GrammarException wrong)
        {
            throw cursor.Wrong(wrong.Message, at);
        }
    }

    // Only what every reader of this notation takes for the same character.
    private static int Escaped(TextCursor cursor, int at)
    {
        var c = cursor.CodePoint();
        return c switch
        {
            'x' => cursor.Hex(2),
            'u' => cursor.Hex(4),
            'U' => cursor.Hex(8),
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            '"' or '\\' => c,
            _ => throw cursor.Wrong($"an unknown escape '\\{new Rune(c)}' in a string.", at),
        };
    }
}
