using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Engine.Text.Splitting;

/// <summary>
/// Turns the reference's regular expressions (Oniguruma) into .NET's. What differs in the patterns that tokenizers use: possessive
/// quantifiers become atomic groups (but <c>{1,3}+</c> is not possessive there: it repeats), classes nested in a class are flattened, <c>^</c>
/// and <c>$</c> are those of lines, <c>\w</c> has more members, and where case does not count, s is also ſ.
/// </summary>
internal static class RegexTranslation
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2); // a match

    /// <exception cref="ArgumentException">The pattern uses what .NET cannot match.</exception>
    public static Regex Compile(string pattern) =>
        new(Translate(pattern), RegexOptions.CultureInvariant | RegexOptions.Compiled, Limit);

    public static string Translate(string pattern)
    {
        var to = new StringBuilder(pattern.Length + 16);
        var groups = new Stack<(int Start, bool IgnoresCase)>();
        var ignoresCase = false;
        var atom = 0; // where the last atom begins in the output
        for (var i = 0; i < pattern.Length;)
        {
            switch (pattern[i])
            {
                case '\\':
                    atom = to.Length;
                    i = Escape(pattern, i, to, inClass: false);
                    break;
                case '[':
                    atom = to.Length;
                    i = Class(pattern, i, to, ignoresCase);
                    break;
                case '(':
                    groups.Push((to.Length, ignoresCase));
                    ignoresCase |= pattern.AsSpan(i).StartsWith("(?i:");
                    to.Append('(');
                    i++;
                    break;
                case ')':
                    if (!groups.TryPop(out var group)) throw new ArgumentException("a ')' closes nothing");
                    (atom, ignoresCase) = group;
                    to.Append(')');
                    i++;
                    break;
                case '?' or '*' or '+' or '{':
                    i = Quantifier(pattern, i, to, atom);
                    break;
                default:
                    atom = to.Length;
                    to.Append(pattern[i] switch
                    {
                        '^' => @"(?<=\A|\n)",
                        '$' => @"(?=\n|\z)",
                        's' or 'S' when ignoresCase => "[sſ]",
                        var literal => literal.ToString(),
                    });
                    i++;
                    break;
            }
        }

        return to.ToString();
    }

    private static int Escape(string pattern, int at, StringBuilder to, bool inClass)
    {
        if (at + 1 >= pattern.Length) throw new ArgumentException("the pattern ends in a backslash");
        var end = at + 2;
        if (pattern[at + 1] is 'p' or 'P' or 'x' or 'u' && end < pattern.Length && pattern[end] == '{')
            end = pattern.IndexOf('}', end) + 1;
        if (end <= at) throw new ArgumentException("a '{' is never closed");
        var escape = pattern[at..end];
        if (escape == @"\w") escape = inClass ? @"\w\p{M}\p{Nl}" : @"[\w\p{M}\p{Nl}]";
        if (escape == @"\W" && !inClass) escape = @"[^\w\p{M}\p{Nl}]";
        to.Append(escape is ['\\', 'x', '{', .. var hex, '}'] ? Regex.Escape(char.ConvertFromUtf32(Convert.ToInt32(hex, 16))) : escape);
        return end;
    }

    private static int Class(string pattern, int at, StringBuilder to, bool ignoresCase)
    {
        var depth = 0;
        for (var i = at; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
            {
                i = Escape(pattern, i, to, inClass: true) - 1;
            }
            else if (pattern[i] == '[')
            {
                if (i + 1 < pattern.Length && pattern[i + 1] is ':') throw new ArgumentException("POSIX classes are not supported");
                if (depth > 0 && i + 1 < pattern.Length && pattern[i + 1] == '^') throw new ArgumentException("a negated class inside a class is not supported");
                if (depth++ == 0) to.Append('[');
                if (depth == 1 && i + 1 < pattern.Length && pattern[i + 1] == '^') to.Append(pattern[++i]);
            }
            else if (pattern[i] == ']')
            {
                if (--depth > 0) continue;
                to.Append(']');
                return i + 1;
            }
            else if (pattern.AsSpan(i).StartsWith("&&"))
            {
                throw new ArgumentException("intersections of classes are not supported");
            }
            else
            {
                to.Append(pattern[i]);
                var inRange = pattern[i - 1] == '-' || (i + 1 < pattern.Length && pattern[i + 1] == '-');
                if (ignoresCase && !inRange && pattern[i] is ('s' or 'S')) to.Append('ſ');
            }
        }

        throw new ArgumentException("a '[' is never closed");
    }

    private static int Quantifier(string pattern, int at, StringBuilder to, int atom)
    {
        var end = at + 1;
        if (pattern[at] == '{')
        {
            end = pattern.IndexOf('}', at) + 1;
            if (end == 0) throw new ArgumentException("a '{' is never closed");
        }
        else if (at > 0 && pattern[at] == '?' && to.Length > 0 && to[^1] == '(')
        {
            // The head of a group: (?: (?= (?! (?< (?i:
            while (end < pattern.Length && pattern[end - 1] is not (':' or '=' or '!' or '>')) end++;
            to.Append(pattern, at, end - at);
            return end;
        }

        var possessive = end < pattern.Length && pattern[end] == '+';
        if (!possessive)
        {
            to.Append(pattern, at, end - at);
            return end;
        }

        to.Insert(atom, pattern[at] == '{' ? "(?:" : "(?>").Append(pattern, at, end - at).Append(')');
        if (pattern[at] == '{') to.Append('+');
        return end + 1;
    }
}
