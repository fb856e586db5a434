namespace Gateway.Engine.Text.Jinja;

/// <summary>Words to a tree. Bounded in depth, so that a hostile template cannot exhaust the stack.</summary>
internal sealed partial class Parser(List<Token> tokens)
{
    private const int MaxDepth = 100;
    private int at;
    private int depth;
    private int loops;

    private Token Current => tokens[at];

    public IReadOnlyList<Statement> Template()
    {
        var body = Body();
        if (Current.Kind != TokenKind.End) throw Bad($"'{Current.Value}' closes nothing");
        return body;
    }

    /// <summary>Statements up to one of the closing names, which is left to the caller (just before it is the tag's opening).</summary>
    private List<Statement> Body(params string[] closing)
    {
        Enter();
        var body = new List<Statement>();
        while (Current.Kind != TokenKind.End)
        {
            var line = Current.Line;
            if (Current.Kind == TokenKind.Text)
            {
                body.Add(new TextOf(Take().Value, line));
            }
            else if (Current.Kind == TokenKind.BeginOutput)
            {
                at++;
                body.Add(new Output(TupleOrExpression(), line));
                Expect(TokenKind.EndOutput);
            }
            else
            {
                Expect(TokenKind.BeginStatement);
                if (Current.Kind == TokenKind.Name && closing.Contains(Current.Value)) break;
                if (Statement() is { } statement) body.Add(statement);
            }
        }

        depth--;
        return body;
    }

    private Statement? Statement()
    {
        var line = Current.Line;
        var name = Expect(TokenKind.Name).Value;
        switch (name)
        {
            case "if": return IfStatement(line);
            case "for": return ForStatement(line);
            case "set": return SetStatement(line);
            case "macro": return MacroStatement(line);
            case "call": return CallStatement(line);
            case "with": return WithStatement(line);
            case "filter":
                var filter = FilterChain(null);
                EndTag();
                var filtered = Body("endfilter");
                Close("endfilter");
                return new FilterBlock(filter, filtered, line);
            case "generation":
                // Marks the assistant's words for training; its variables are its own.
                EndTag();
                var generated = Body("endgeneration");
                Close("endgeneration");
                return new With([], generated, line);
            case "block":
                Expect(TokenKind.Name);
                EndTag();
                var block = Body("endblock");
                Closing("endblock");
                if (Current.Kind == TokenKind.Name) at++;
                EndTag();
                return new With([], block, line);
            case "import" or "from" or "include" or "extends":
                throw Bad($"'{name}' is not possible: a chat template stands alone");
            case "break" or "continue":
                if (loops == 0) throw Bad($"'{name}' outside a loop");
                EndTag();
                return new Jump(name == "continue", line);
            default:
                throw Bad($"unknown tag '{name}'");
        }
    }

    private If IfStatement(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        IReadOnlyList<Statement> otherwise = [];
        var test = TupleOrExpression();
        while (true)
        {
            EndTag();
            branches.Add((test, Body("elif", "else", "endif")));
            var name = Closing("elif", "else", "endif");
            if (name == "elif")
            {
                test = TupleOrExpression();
                continue;
            }

            if (name == "else")
            {
                EndTag();
                otherwise = Body("endif");
                Closing("endif");
            }

            EndTag();
            return new If(branches, otherwise, line);
        }
    }

    private For ForStatement(int line)
    {
        var targets = Targets();
        ExpectName("in");
        var items = TupleOrExpression(conditional: false);
        var condition = TryName("if") ? Expression() : null;
        var recursive = TryName("recursive");
        EndTag();
        loops++;
        var body = Body("else", "endfor");
        loops--;
        IReadOnlyList<Statement> otherwise = [];
        if (Closing("else", "endfor") == "else")
        {
            EndTag();
            otherwise = Body("endfor");
            Closing("endfor");
        }

        EndTag();
        return new For(targets, items, condition, body, otherwise, recursive, line);
    }

    private Statement SetStatement(int line)
    {
        var target = Targets();
        if (TryOperator("="))
        {
            var value = TupleOrExpression();
            EndTag();
            return new Set(target, value, line);
        }

        var filters = new List<Expression>();
        while (Current.Is("|"))
        {
            at++;
            filters.Add(OneFilter(null));
        }

        EndTag();
        var body = Body("endset");
        Close("endset");
        return new SetBlock(target, filters, body, line);
    }

    private Macro MacroStatement(int line)
    {
        var name = Expect(TokenKind.Name).Value;
        var parameters = Parameters();
        EndTag();
        var outer = loops;
        loops = 0;
        var start = at;
        var body = Body("endmacro");
        loops = outer;
        Close("endmacro");
        return new Macro(name, parameters, body, NamesSince(start), line);
    }

    private CallBlock CallStatement(int line)
    {
        var parameters = Current.Is("(") ? Parameters() : [];
        if (Postfix(Primary()) is not Call call) throw Bad("'call' wants a call");
        EndTag();
        var start = at;
        var body = Body("endcall");
        Close("endcall");
        return new CallBlock(new Macro("caller", parameters, body, NamesSince(start), line), call, line);
    }

    private HashSet<string> NamesSince(int start) => [.. tokens[start..at].Where(t => t.Kind == TokenKind.Name).Select(t => t.Value)];

    private With WithStatement(int line)
    {
        var bindings = new List<(Expression, Expression)>();
        while (Current.Kind != TokenKind.EndStatement)
        {
            if (bindings.Count > 0) ExpectOperator(",");
            var target = Targets();
            ExpectOperator("=");
            bindings.Add((target, Expression()));
        }

        EndTag();
        var body = Body("endwith");
        Close("endwith");
        return new With(bindings, body, line);
    }

    private List<(string, Expression?)> Parameters()
    {
        var parameters = new List<(string, Expression?)>();
        ExpectOperator("(");
        while (!TryOperator(")"))
        {
            if (parameters.Count > 0) ExpectOperator(",");
            if (TryOperator(")")) break;
            var name = Expect(TokenKind.Name).Value;
            parameters.Add((name, TryOperator("=") ? Expression() : null));
        }

        return parameters;
    }

    /// <summary>What <c>set</c> and <c>for</c> bind: names, tuples of names, or an attribute of a namespace.</summary>
    private Expression Targets()
    {
        var items = new List<Expression>();
        var tuple = false;
        do
        {
            if (items.Count > 0 && Current.Kind != TokenKind.Name && !Current.Is("(")) break;
            items.Add(Target());
        }
        while (TryOperator(",") && (tuple = true));
        return tuple ? new ListOf(items, true) : items[0];
    }

    private Expression Target()
    {
        if (TryOperator("("))
        {
            Enter();
            var inner = Targets();
            depth--;
            ExpectOperator(")");
            return inner;
        }

        var name = Expect(TokenKind.Name).Value;
        if (name is "true" or "false" or "none" or "True" or "False" or "None") throw Bad($"cannot assign to '{name}'");
        Expression target = new Variable(name);
        return TryOperator(".") ? new Attribute(target, Expect(TokenKind.Name).Value) : target;
    }

    private void Close(string name)
    {
        Closing(name);
        EndTag();
    }

    private string Closing(params string[] names)
    {
        if (Current.Kind == TokenKind.Name && names.Contains(Current.Value)) return Take().Value;
        throw Bad($"'{names[^1]}' is missing");
    }

    private void EndTag() => Expect(TokenKind.EndStatement);

    private Token Take() => tokens[at++];

    private Token Expect(TokenKind kind) => Current.Kind == kind ? Take() : throw Bad(Current.Kind == TokenKind.End ? "the template ends too early" : $"unexpected '{Current.Value}'");

    private void ExpectOperator(string op)
    {
        if (!TryOperator(op)) throw Bad($"expected '{op}' before '{Current.Value}'");
    }

    private void ExpectName(string name)
    {
        if (!TryName(name)) throw Bad($"expected '{name}' before '{Current.Value}'");
    }

    private bool TryOperator(string op)
    {
        if (!Current.Is(op)) return false;
        at++;
        return true;
    }

    private bool TryName(string name)
    {
        if (!Current.IsName(name)) return false;
        at++;
        return true;
    }

    private void Enter()
    {
        if (++depth > MaxDepth) throw Bad($"nested more than {MaxDepth} deep");
    }

    private JinjaSyntaxException Bad(string message) => new(message, Current.Line);

    private object IntegerOf(string digits) => Integers.Parse(digits, digits.Length > 1 && digits[0] == '0' && char.IsLetter(digits[1]) ? 0 : 10) ?? throw Bad($"'{digits}' is no number");
}
