using System.Text;
using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>
/// Reads GBNF, the notation of llama.cpp: <c>name ::= …</c>. Line breaks mean nothing: a rule ends where the next one begins, which takes in
/// XGrammar's layouts too.
/// </summary>
internal sealed class GbnfParser
{
    private readonly TextCursor cursor;
    private readonly RuleNames names;
    private int depth;

    private GbnfParser(string text) => names = new RuleNames(cursor = new TextCursor(text));

    public static RuleBook Parse(string text)
    {
        var parser = new GbnfParser(text);
        for (parser.Space(); !parser.cursor.Ends; parser.Space()) parser.Rule();
        return parser.names.Book("root", null);
    }

    private void Rule()
    {
        var at = cursor.At;
        var name = Name();
        if (name.Length == 0) throw cursor.Expected("the name of a rule");
        Space();
        if (!cursor.TryTake("::=")) throw cursor.Expected("'::='");
        names.Define(name, Alternatives(), at);
    }

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
        for (Space(); !cursor.Ends && cursor.Now is not ('|' or ')') && !RuleBegins(); Space()) parts.Add(Repeated(Element()));
        return parts.Count == 1 ? parts[0] : new Expression.Sequence(parts);
    }

    private bool RuleBegins()
    {
        var start = cursor.At;
        var begins = Name().Length > 0;
        Space();
        begins &= cursor.Sees("::=");
        cursor.At = start;
        return begins;
    }

    private Expression Element()
    {
        if (cursor.TryTake("\"")) return Literal();
        if (cursor.TryTake("[")) return new Expression.Matched(Class());
        if (cursor.TryTake(".")) return new Expression.Matched(new Pattern.Set(CodeRanges.All));
        if (cursor.TryTake("("))
        {
            var inner = Alternatives();
            return cursor.TryTake(")") ? inner : throw cursor.Expected("')'");
        }

        var at = cursor.At;
        var name = Name();
        return name.Length > 0 ? names.Use(name, at) : throw cursor.Expected("a rule's name, a literal, a class or a group");
    }

    private Expression Repeated(Expression part)
    {
        for (Space(); ; Space())
        {
            if (cursor.TryTake("*")) part = new Expression.Repeat(part, 0, int.MaxValue);
            else if (cursor.TryTake("+")) part = new Expression.Repeat(part, 1, int.MaxValue);
            else if (cursor.TryTake("?")) part = new Expression.Repeat(part, 0, 1);
            else if (cursor.TryTake("{")) part = Repetitions.Braced(cursor, part);
            else return part;
        }
    }

    private Expression.Text Literal()
    {
        var text = new StringBuilder();
        while (!cursor.TryTake("\""))
        {
            if (cursor.Ends || cursor.Now is '\n' or '\r') throw cursor.Expected("a closing '\"'");
            text.Append(new Rune(Character()));
        }

        return new Expression.Text(text.ToString());
    }

    private Pattern.Set Class()
    {
        var not = cursor.TryTake("^");
        var start = cursor.At;
        var ranges = new List<CodeRange>();
        while (!cursor.TryTake("]"))
        {
            if (cursor.Ends || cursor.Now is '\n' or '\r') throw cursor.Expected("a closing ']'");
            var low = Character();
            var high = low;
            if (cursor.Now == '-' && cursor.Peek(1) != ']')
            {
                cursor.At++;
                high = Character();
            }

            if (high < low) throw cursor.Wrong("a range that is out of order.", start);
            ranges.Add(new CodeRange(low, high));
        }

        if (ranges.Count == 0 && !not) throw cursor.Wrong("a class of no characters.", start);
        return new Pattern.Set(not ? CodeRanges.Not(ranges) : CodeRanges.Normal(ranges));
    }

    private int Character()
    {
        var c = cursor.CodePoint();
        if (c != '\\') return c;
        var at = cursor.At - 1;
        c = cursor.CodePoint();
        return c switch
        {
            'x' => cursor.Hex(2),
            'u' => cursor.Hex(4),
            'U' => cursor.Hex(8),
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'b' => '\b',
            '0' => 0,
            < 128 when char.IsAscii((char)c) && !char.IsAsciiLetterOrDigit((char)c) && !char.IsControl((char)c) => c,
            _ => throw cursor.Wrong($"an unknown escape '\\{new Rune(c)}'.", at),
        };
    }

    private string Name() => cursor.While(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private void Space()
    {
        while (cursor.While(static c => c is ' ' or '\t' or '\r' or '\n').Length > 0 || cursor.Now == '#')
            if (cursor.Now == '#') cursor.While(static c => c != '\n');
    }
}
