using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>Reads right sides of rules and terminals. A line that begins with a name and a colon begins the next rule.</summary>
internal sealed class LarkExpressions(TextCursor cursor, RuleNames names)
{
    private int depth;
    private bool inTerminal;

    public Expression Alternatives(bool terminal)
    {
        inTerminal = terminal;
        return Alternatives();
    }

    /// <summary>Passes white space, line breaks and comments.</summary>
    public void Space()
    {
        while (cursor.While(static c => c is ' ' or '\t' or '\r' or '\n' or '\f').Length > 0 || CommentBegins())
            if (CommentBegins()) cursor.While(static c => c != '\n');
    }

    private bool CommentBegins() => cursor.Sees("//") || (cursor.Now == '#' && cursor.StartsLine);

    private Expression Alternatives()
    {
        if (++depth > RuleNames.MostNesting) throw cursor.Wrong($"more than {RuleNames.MostNesting} nested groups.");
        var options = new List<Expression> { Sequence() };
        while (cursor.TryTake("|")) options.Add(Sequence());
        depth--;
        return options.Count == 1 ? options[0] : new Expression.Choice(options);
    }

    private Expression Sequence()
    {
        var parts = new List<Expression>();
        for (Space(); !cursor.Ends && cursor.Now is not ('|' or ')' or ']') && !StatementBegins(); Space())
        {
            if (cursor.TryTake("->"))
            {
                Space();
                if (LarkNames.Read(cursor).Length == 0) throw cursor.Expected("the name of an alias");
                Space();
                break;
            }

            parts.Add(Repeated(Atom()));
        }

        return parts.Count == 1 ? parts[0] : new Expression.Sequence(parts);
    }

    private bool StatementBegins()
    {
        if (!cursor.StartsLine) return false;
        if (cursor.Now == '%') return true;
        var start = cursor.At;
        cursor.While(static c => c is '?' or '!');
        var begins = LarkNames.Read(cursor).Length > 0;
        if (begins && cursor.TryTake(".")) cursor.While(static c => char.IsAsciiDigit(c) || c == '-');
        cursor.While(static c => c is ' ' or '\t');
        begins &= cursor.Now is ':' or '{' or '[' && (cursor.Now == ':' || HeadHasColon());
        cursor.At = start;
        return begins;
    }

    // name{a, b}: or name[…]: at the beginning of a line, which is refused where it is read.
    private bool HeadHasColon()
    {
        cursor.While(static c => c is not (':' or '\n' or '"' or '/' or '|'));
        return cursor.Now == ':';
    }

    private Expression Repeated(Expression part)
    {
        while (true)
        {
            cursor.While(static c => c is ' ' or '\t');
            if (cursor.TryTake("*")) part = new Expression.Repeat(part, 0, int.MaxValue);
            else if (cursor.TryTake("+")) part = new Expression.Repeat(part, 1, int.MaxValue);
            else if (cursor.TryTake("?")) part = new Expression.Repeat(part, 0, 1);
            else if (cursor.Now == '{' && !char.IsAsciiDigit(cursor.Peek(1)) && cursor.Peek(1) is not (',' or ' ')) throw cursor.Wrong("templates are not supported.");
            else if (cursor.TryTake("{")) part = Repetitions.Braced(cursor, part);
            else if (cursor.TryTake("~")) part = Times(part);
            else return part;
        }
    }

    private Expression Times(Expression part)
    {
        var at = cursor.At;
        cursor.While(static c => c is ' ' or '\t');
        var least = cursor.Count();
        cursor.While(static c => c is ' ' or '\t');
        if (!cursor.TryTake("..")) return Repetitions.Between(cursor, part, least, least, at);
        cursor.While(static c => c is ' ' or '\t');
        return Repetitions.Between(cursor, part, least, cursor.Count(), at);
    }

    private Expression Atom()
    {
        var at = cursor.At;
        if (cursor.TryTake("(")) return Closed(")");
        if (cursor.TryTake("[")) return new Expression.Repeat(Closed("]"), 0, 1);
        if (cursor.TryTake("\"")) return Token(Literal(at));
        if (cursor.TryTake("/")) return Token(new Expression.Matched(LarkLiterals.Pattern(cursor, at)));
        var name = LarkNames.Read(cursor);
        if (name.Length == 0) throw cursor.Expected("a name, a string, a regular expression or a group");
        if (LarkNames.IsTerminal(name)) return Token(names.Use(name, at));
        if (inTerminal) throw cursor.Wrong($"a terminal cannot be made of the rule '{name}'.", at);
        return names.Use(name, at);
    }

    private Expression Token(Expression part) => inTerminal ? part : new Expression.Token(part);

    private Expression Closed(string end)
    {
        var inner = Alternatives();
        return cursor.TryTake(end) ? inner : throw cursor.Expected($"'{end}'");
    }

    private Expression Literal(int at)
    {
        var text = LarkLiterals.Text(cursor);
        var start = cursor.At;
        cursor.While(static c => c is ' ' or '\t');
        if (cursor.TryTake(".."))
        {
            cursor.While(static c => c is ' ' or '\t');
            if (!cursor.TryTake("\"")) throw cursor.Expected("the end of the range as a string");
            return new Expression.Matched(new Pattern.Set([LarkLiterals.Range(cursor, text, LarkLiterals.Text(cursor), at)]));
        }

        cursor.At = start;
        if (cursor.Now != 'i' || char.IsAsciiLetterOrDigit(cursor.Peek(1)) || cursor.Peek(1) == '_') return new Expression.Text(text);
        cursor.At++;
        return new Expression.Matched(new Pattern.Sequence([.. text.EnumerateRunes().Select(static rune => new Pattern.Set([.. LarkLiterals.InEitherCase(rune)]))]));
    }
}
