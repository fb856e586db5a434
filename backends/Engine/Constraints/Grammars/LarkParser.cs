namespace Gateway.Engine.Constraints.Grammars;

/// <summary>
/// Reads grammars as Lark writes them. What it means is what Lark's dynamic lexer finds: any division of the text into terminals counts,
/// with ignored text before any of them. Priorities, aliases and the marks <c>?</c> and <c>!</c> shape trees, not languages.
/// </summary>
internal sealed class LarkParser
{
    private readonly TextCursor cursor;
    private readonly RuleNames names;
    private readonly LarkExpressions expressions;
    private readonly List<Expression> ignored = [];

    private LarkParser(string text)
    {
        names = new RuleNames(cursor = new TextCursor(text));
        expressions = new LarkExpressions(cursor, names);
    }

    public static RuleBook Parse(string text)
    {
        var parser = new LarkParser(text);
        for (parser.expressions.Space(); !parser.cursor.Ends; parser.expressions.Space())
        {
            if (parser.cursor.Now == '%') parser.Directive();
            else parser.Rule();
        }

        return parser.names.Book("start", parser.ignored.Count == 0 ? null : new Expression.Choice(parser.ignored));
    }

    private void Rule()
    {
        cursor.While(static c => c is '?' or '!');
        var at = cursor.At;
        var name = LarkNames.Read(cursor);
        if (name.Length == 0) throw cursor.Expected("the name of a rule or a directive");
        if (cursor.TryTake(".")) Priority();
        expressions.Space();
        if (cursor.Now is '{' or '[') throw cursor.Wrong("templates and attributes of rules are not supported.");
        if (!cursor.TryTake(":")) throw cursor.Expected("':'");
        names.Define(name, expressions.Alternatives(LarkNames.IsTerminal(name)), at);
    }

    private void Directive()
    {
        var at = cursor.At++;
        var name = cursor.While(char.IsAsciiLetter);
        expressions.Space();
        switch (name)
        {
            case "ignore":
                ignored.Add(expressions.Alternatives(terminal: true));
                break;
            case "import":
                Import();
                break;
            default:
                throw cursor.Wrong($"the directive '%{name}' is not supported.", at);
        }
    }

    private void Import()
    {
        var at = cursor.At;
        List<string> path = [];
        do path.Add(LarkNames.Read(cursor)); while (cursor.TryTake(".") && cursor.Now != '(');
        expressions.Space();
        if (path is ["common"] && cursor.TryTake("("))
        {
            do
            {
                expressions.Space();
                var each = cursor.At;
                var several = LarkNames.Read(cursor);
                Define(several, several, each);
                expressions.Space();
            }
            while (cursor.TryTake(","));
            if (!cursor.TryTake(")")) throw cursor.Expected("')'");
            return;
        }

        if (path is not ["common", var name]) throw cursor.Wrong("only terminals of the module 'common' can be imported.", at);
        var known = name;
        if (cursor.TryTake("->"))
        {
            expressions.Space();
            known = LarkNames.Read(cursor);
            if (!LarkNames.IsTerminal(known)) throw cursor.Expected("the name of a terminal");
        }

        Define(known, name, at);
    }

    private void Define(string name, string common, int at) =>
        names.Define(name, CommonTerminals.Find(common) ?? throw cursor.Wrong($"the module 'common' has no terminal '{common}' that is supported.", at), at);

    private void Priority()
    {
        cursor.TryTake("-");
        cursor.Count();
    }
}
