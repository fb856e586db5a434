using System.Globalization;

namespace Gateway.Engine.Text.Jinja;

/// <summary>Expressions, loosest binding first: conditional, or, and, not, comparison, +, ~, *, unary, power, postfix.</summary>
internal sealed partial class Parser
{
    private Expression TupleOrExpression(bool conditional = true)
    {
        var first = Expression(conditional);
        if (!Current.Is(",")) return first;
        var items = new List<Expression> { first };
        while (TryOperator(","))
        {
            if (Current.Kind is TokenKind.EndOutput or TokenKind.EndStatement || Current.Is(")") || Current.IsName("in")) break;
            items.Add(Expression(conditional));
        }

        return new ListOf(items, true);
    }

    private Expression Expression(bool conditional = true)
    {
        Enter();
        var value = Or();
        while (conditional && TryName("if"))
        {
            var test = Or();
            value = new Conditional(test, value, TryName("else") ? Expression() : null);
        }

        depth--;
        return value;
    }

    private Expression Or()
    {
        var left = And();
        while (TryName("or")) left = new Binary("or", left, And());
        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (TryName("and")) left = new Binary("and", left, Not());
        return left;
    }

    private Expression Not()
    {
        if (!TryName("not")) return Compare();
        Enter();
        var operand = Not();
        depth--;
        return new Unary("not", operand);
    }

    private Expression Compare()
    {
        var first = Sum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && Current.Value is "==" or "!=" or "<" or "<=" or ">" or ">=") rest.Add((Take().Value, Sum()));
            else if (TryName("in")) rest.Add(("in", Sum()));
            else if (Current.IsName("not") && tokens[at + 1].IsName("in"))
            {
                at += 2;
                rest.Add(("not in", Sum()));
            }
            else return rest.Count == 0 ? first : new Comparison(first, rest);
        }
    }

    private Expression Sum()
    {
        var left = Concatenation();
        while (Current.Is("+") || Current.Is("-")) left = new Binary(Take().Value, left, Concatenation());
        return left;
    }

    private Expression Concatenation()
    {
        var left = Product();
        while (TryOperator("~")) left = new Binary("~", left, Product());
        return left;
    }

    private Expression Product()
    {
        var left = Power();
        while (Current.Is("*") || Current.Is("/") || Current.Is("//") || Current.Is("%")) left = new Binary(Take().Value, left, Power());
        return left;
    }

    /// <summary>To the left, unlike Python: <c>2**3**2</c> is 64.</summary>
    private Expression Power()
    {
        var left = Sign();
        while (TryOperator("**")) left = new Binary("**", left, Sign());
        return left;
    }

    /// <summary>In Jinja the sign binds tighter than the power: <c>-2**2</c> is 4.</summary>
    private Expression Sign(bool filters = true)
    {
        Enter();
        Expression value;
        if (Current.Is("-") || Current.Is("+"))
        {
            value = new Unary(Take().Value, Sign(filters: false));
        }
        else
        {
            value = Postfix(Primary());
        }

        depth--;
        return filters ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                at++;
                return token.Value switch
                {
                    "true" or "True" => new Literal(true),
                    "false" or "False" => new Literal(false),
                    "none" or "None" => new Literal(null),
                    _ => new Variable(token.Value),
                };
            case TokenKind.Integer:
                return new Literal(IntegerOf(Take().Value));
            case TokenKind.Float:
                return new Literal(double.Parse(Take().Value, CultureInfo.InvariantCulture));
            case TokenKind.String:
                var text = Take().Value;
                if (Current.Kind != TokenKind.String) return new Literal(text);
                var parts = new List<string> { text };
                while (Current.Kind == TokenKind.String) parts.Add(Take().Value);
                return new Literal(string.Concat(parts));
            default:
                if (TryOperator("(")) return Parenthesized();
                if (TryOperator("[")) return new ListOf(Items("]"), false);
                if (TryOperator("{")) return Dictionary();
                throw Bad(token.Kind is TokenKind.EndOutput or TokenKind.EndStatement ? "an expression is missing" : $"unexpected '{token.Value}'");
        }
    }

    private Expression Parenthesized()
    {
        if (TryOperator(")")) return new ListOf([], true);
        var value = TupleOrExpression();
        ExpectOperator(")");
        return value;
    }

    private List<Expression> Items(string close)
    {
        var items = new List<Expression>();
        while (!TryOperator(close))
        {
            if (items.Count > 0) ExpectOperator(",");
            if (TryOperator(close)) break;
            items.Add(Expression());
        }

        return items;
    }

    private DictOf Dictionary()
    {
        var items = new List<(Expression, Expression)>();
        while (!TryOperator("}"))
        {
            if (items.Count > 0) ExpectOperator(",");
            if (TryOperator("}")) break;
            var key = Expression();
            ExpectOperator(":");
            items.Add((key, Expression()));
        }

        return new DictOf(items);
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            if (TryOperator("."))
            {
                value = Current.Kind == TokenKind.Integer ? new Subscript(value, new Literal(IntegerOf(Take().Value))) : new Attribute(value, Expect(TokenKind.Name).Value);
            }
            else if (TryOperator("["))
            {
                value = new Subscript(value, Index());
                ExpectOperator("]");
            }
            else if (Current.Is("("))
            {
                value = new Call(value, CallArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression Index()
    {
        Expression? start = null;
        if (!Current.Is(":"))
        {
            start = TupleOrExpression();
            if (!Current.Is(":")) return start;
        }

        ExpectOperator(":");
        var stop = Current.Is(":") || Current.Is("]") ? null : Expression();
        var step = TryOperator(":") && !Current.Is("]") ? Expression() : null;
        return new Slicing(start, stop, step);
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (Current.Is("|"))
            {
                at++;
                value = OneFilter(value);
            }
            else if (TryName("is"))
            {
                value = OneTest(value);
            }
            else if (Current.Is("(") || Current.Is(".") || Current.Is("["))
            {
                value = Postfix(value);
            }
            else
            {
                return value;
            }
        }
    }

    private Expression FilterChain(Expression? value)
    {
        value = OneFilter(value);
        while (TryOperator("|")) value = OneFilter(value);
        return value;
    }

    private Filter OneFilter(Expression? value)
    {
        var name = Expect(TokenKind.Name).Value;
        while (TryOperator(".")) name += "." + Expect(TokenKind.Name).Value;
        // What is escaped already is not escaped again: the reference marks it, here the chain is known as it is read.
        if (name is "e" or "escape" && value is Filter { Name: "e" or "escape" or "forceescape" } escaped) return escaped;
        return new Filter(value, name, Current.Is("(") ? CallArguments() : Arguments.None);
    }

    private Test OneTest(Expression value)
    {
        var negated = TryName("not");
        var name = Expect(TokenKind.Name).Value;
        if (Current.Is("(")) return new Test(value, name, CallArguments(), negated);
        // One argument may stand without parentheses: x is divisibleby 3.
        var takesOne = Current.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float || Current.Is("[") || Current.Is("{")
            || (Current.Kind == TokenKind.Name && Current.Value is not ("else" or "or" or "and" or "is" or "if" or "in" or "not" or "recursive"));
        return new Test(value, name, takesOne ? new Arguments([Postfix(Primary())], []) : Arguments.None, negated);
    }

    private Arguments CallArguments()
    {
        Enter();
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        ExpectOperator("(");
        while (!TryOperator(")"))
        {
            if (positional.Count + named.Count > 0) ExpectOperator(",");
            if (TryOperator(")")) break;
            if (Current.Is("*") || Current.Is("**"))
            {
                named.Add((Take().Value, Expression()));
            }
            else if (Current.Kind == TokenKind.Name && tokens[at + 1].Is("="))
            {
                var name = Take().Value;
                at++;
                named.Add((name, Expression()));
            }
            else
            {
                if (named.Count > 0) throw Bad("a positional argument follows a named one");
                positional.Add(Expression());
            }
        }

        depth--;
        return new Arguments(positional, named);
    }
}
